import type { Construct } from 'constructs';
import { instance, list, objectName, refuse, required, struct, text } from './checks';
import type { Endpoint } from './endpoint';
import { labels, type WorkloadIdentity } from './labels';
import { certificateName, headlessName, serviceHost } from './names';
import { object } from './object';
import { SecretKey, secretKey } from './secret-key';

/** How senders check the certificate that they are answered with. */
export interface ServerTlsOptions {
  /**
   * The authority that signed it, as PEM. A Secret of this name has to be in the namespace of every sender: agents of the stack mount it.
   * @default - one that every system knows
   */
  readonly caCertificate?: SecretKey;
  /**
   * A name that the certificate is for, where it is not for the names of the Services: agents of the stack check for it instead.
   * @default - the names of the Services, e.g. `collector.observability.svc` and `collector-headless.observability.svc`
   */
  readonly serverName?: string;
}

/** Who issues a certificate. */
export interface CertificateIssuer {
  /** The issuer's name. */
  readonly name: string;
  /**
   * `Issuer` of the namespace, `ClusterIssuer`, or one of an external project.
   * @default 'ClusterIssuer'
   */
  readonly kind?: string;
  /**
   * The API group of its kind.
   * @default 'cert-manager.io'
   */
  readonly group?: string;
}

/** A certificate that cert-manager is asked for. */
export interface CertManagerProps {
  /** Who signs it. */
  readonly issuer: CertificateIssuer;
  /**
   * Names besides those of the Services: what other clusters connect to.
   * @default - none
   */
  readonly dnsNames?: string[];
  /**
   * The authority behind the issuer, as PEM. A Secret of this name has to be in the namespace of every sender: agents of the stack mount it.
   * @default - one that every system knows
   */
  readonly caCertificate?: SecretKey;
}

/**
 * What a collector answers with on ports of OTLP. A certificate that is renewed in its Secret is served without a restart.
 * @see https://github.com/open-telemetry/opentelemetry-collector/tree/main/config/configtls
 *
 * @example
 * const tls = ServerTls.certManager({ issuer: { name: 'internal' }, caCertificate: SecretKey.of('internal-ca', 'ca.crt') });
 */
export class ServerTls {
  /**
   * A Secret of the type `kubernetes.io/tls` in the collector's namespace: its keys are `tls.crt` and `tls.key`.
   * @throws if the name or an option is wrong
   */
  static secret(name: string, options: ServerTlsOptions = {}): ServerTls {
    refuse('ServerTls.secret', { name, options }, { name: required(objectName), options: optionsCheck });
    return new ServerTls({ tls: true, ...options }, name);
  }

  /**
   * A Certificate of cert-manager for the names of the collector's Services; cert-manager has to be in the cluster.
   * @throws if a property is wrong
   * @see https://cert-manager.io/docs/usage/certificate/
   */
  static certManager(props: CertManagerProps): ServerTls {
    refuse<CertManagerProps>('ServerTls.certManager', props, {
      issuer: required(struct<CertificateIssuer>({ name: required(objectName), kind: text(), group: objectName })),
      dnsNames: list(certifiedName),
      caCertificate: secretKey,
    });
    return new ServerTls({ tls: true, caCertificate: props.caCertificate }, undefined, props);
  }

  private constructor(
    /** @internal What senders have to know. */
    readonly _client: Pick<Endpoint, 'tls' | 'caCertificate' | 'serverName'>,
    private readonly secretName: string | undefined,
    private readonly certificate?: CertManagerProps,
  ) {}

  /** @internal Where the certificate and its key are. */
  _keys(collector: string): { readonly certificate: SecretKey; readonly key: SecretKey } {
    const secret = this.secretName ?? certificateName(collector);
    return { certificate: SecretKey.of(secret, 'tls.crt'), key: SecretKey.of(secret, 'tls.key') };
  }

  /** @internal */
  _createCertificate(scope: Construct, collector: WorkloadIdentity): void {
    if (!this.certificate) {
      return;
    }
    const { issuer, dnsNames = [] } = this.certificate;
    const name = certificateName(collector.name);
    const services = [collector.name, headlessName(collector.name)].map((service) => serviceHost(service, collector.namespace));
    object(scope, 'Certificate', 'cert-manager.io/v1/Certificate', {
      metadata: { name, namespace: collector.namespace, labels: labels(collector) },
      spec: {
        secretName: name,
        issuerRef: { name: issuer.name, kind: issuer.kind ?? 'ClusterIssuer', group: issuer.group ?? 'cert-manager.io' },
        dnsNames: [...services, ...dnsNames],
        usages: ['server auth'],
        privateKey: { algorithm: 'ECDSA', rotationPolicy: 'Always' },
      },
    });
  }
}

const certifiedName = text({
  pattern: /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/,
  allowed: 'a DNS name, or all below one: *.acme.example',
});

/** @internal */
export const dnsName = text({
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/,
  allowed: 'a DNS name: otlp.acme.example',
});

const optionsCheck = struct<ServerTlsOptions>({ caCertificate: secretKey, serverName: dnsName });

/** @internal */
export const serverTls = instance("ServerTls.secret('otlp-tls') or ServerTls.certManager({ … })", '_client', '_keys');
