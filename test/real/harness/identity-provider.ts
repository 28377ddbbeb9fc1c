import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import { afterTheFile } from './program';

export interface ProviderOptions {
  /** What stands in its tokens as `iss`, and where it answers: `https://login.acme.example:PORT`. */
  readonly issuer: string;
  readonly port: number;
  /** Its certificate and key, as PEM. */
  readonly cert: string;
  readonly key: string;
}

const keyId = 'first';

/** An OpenID Connect provider on the loopback, as far as those who check tokens see one: its discovery document and its keys. */
export class IdentityProvider {
  static async start({ issuer, port, cert, key }: ProviderOptions): Promise<IdentityProvider> {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const answers: Record<string, unknown> = {
      '/.well-known/openid-configuration': {
        issuer,
        jwks_uri: `${issuer}/keys`,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      },
      '/keys': { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: 'RS256', use: 'sig' }] },
    };
    const server = createServer({ cert, key }, (request, response) => {
      const answer = answers[request.url ?? ''];
      response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
    });
    await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
    const provider = new IdentityProvider(issuer, privateKey, server);
    afterTheFile(() => provider.stop());
    return provider;
  }

  private constructor(
    private readonly issuer: string,
    private readonly privateKey: KeyObject,
    private readonly server: Server,
  ) {}

  /** A token that is right but for what `claims` say, signed with the provider's key or another. */
  token(claims: Record<string, unknown>, key: KeyObject = this.privateKey): string {
    const now = Math.floor(Date.now() / 1000);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const body = `${part({ alg: 'RS256', kid: keyId, typ: 'JWT' })}.${part({ iss: this.issuer, sub: 'shop', iat: now - 120, exp: now + 300, ...claims })}`;
    return `${body}.${sign('sha256', Buffer.from(body), key).toString('base64url')}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((closed) => this.server.close(() => closed()));
  }
}
