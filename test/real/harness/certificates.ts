import { join } from 'node:path';
import { succeed } from './program';

export interface Subject {
  readonly commonName: string;
  readonly organization?: string;
  readonly usage: ('clientAuth' | 'serverAuth')[];
  /** `IP:10.96.0.1`, `DNS:localhost` */
  readonly names?: string[];
  /** @default 30 */
  readonly days?: number;
}

/** A certificate authority in a folder: NAME.key and NAME.crt, the authority's own are `ca`. */
export class CertificateAuthority {
  static async create(folder: string): Promise<CertificateAuthority> {
    const authority = new CertificateAuthority(folder);
    await authority.request('ca', ['-subj', '/CN=harness']);
    await succeed(['openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', authority.path('service-accounts.key')]);
    return authority;
  }

  private constructor(private readonly folder: string) {}

  path(file: string): string {
    return join(this.folder, file);
  }

  async sign(name: string, { commonName, organization, usage, names = [], days }: Subject): Promise<void> {
    const subject = `${organization ? `/O=${organization}` : ''}/CN=${commonName}`;
    const extensions = [`extendedKeyUsage=${usage.join(',')}`, ...(names.length > 0 ? [`subjectAltName=${names.join(',')}`] : [])];
    const signedBy = ['-CA', this.path('ca.crt'), '-CAkey', this.path('ca.key')];
    await this.request(
      name,
      ['-subj', subject, ...signedBy, '-addext', 'basicConstraints=CA:FALSE', ...extensions.flatMap((extension) => ['-addext', extension])],
      days,
    );
  }

  private async request(name: string, options: string[], days = 30): Promise<void> {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', this.path(`${name}.key`)];
    await succeed(['openssl', 'req', '-x509', '-days', String(days), ...key, '-out', this.path(`${name}.crt`), ...options]);
  }
}
