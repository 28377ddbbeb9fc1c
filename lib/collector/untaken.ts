import type { Problem } from '../kubernetes/problems';
import { addressOf } from '../kubernetes/url';
import type { Needs } from './needs';
import type { SenderProps } from './senders';

/** What no source goes by: senders would be let in who should not be. A source of one's own may well do. */
export function untakenProblems({ tls, tokens = [], oidc }: SenderProps, needs: Needs): Problem[] {
  const allowed = 'sources: [new OtlpReceiver(), …]';
  const secrets = [
    ...[...needs.environment.values()].map(({ valueFrom }) => valueFrom?.secretKeyRef),
    ...[...needs.secretFiles.values()],
  ].map((secret) => `${secret?.name}/${secret?.key}`);
  const provider = oidc && addressOf(oidc.issuer, {}).endpoint.host;
  return [
    ...(tls && ![...needs.listeners.values()].some((listener) => listener.tls)
      ? [{ where: 'tls', given: 'a certificate, and no source that answers with it', allowed }]
      : []),
    ...(tokens.length > 0 && !tokens.some(({ name, key }) => secrets.includes(`${name}/${key}`))
      ? [{ where: 'tokens', given: 'tokens, and no source that asks for them', allowed }]
      : []),
    ...(provider && !needs.endpoints.some(({ host }) => host === provider)
      ? [{ where: 'oidc', given: 'a provider, and no source that asks it', allowed }]
      : []),
  ];
}
