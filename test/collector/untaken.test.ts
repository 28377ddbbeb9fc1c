import { ClusterState, OtlpReceiver, Reach, SecretKey, ServerTls, Source } from '../../lib';
import type { CollectorProps } from '../../lib/collector/collector';
import { Component } from '../../lib/collector/component';
import { ConfigValue } from '../../lib/collector/config-value';
import type { CollectorContext, SourceBinding } from '../../lib/collector/source';
import { withSources } from './synthesized';

const tls = ServerTls.secret('otlp-tls');
const tokens = [SecretKey.of('edge-7', 'token')];
const oidc = { issuer: 'https://login.acme.example', audience: 'telemetry' };

/** Listens, and asks nobody who he is. */
class Syslog extends Source {
  bind({ tls: certificate, name }: CollectorContext): SourceBinding {
    const keys = certificate?._keys(name);
    const listener = {
      listen_address: ConfigValue.listen('syslog', 5514, certificate),
      tls: keys && { cert_file: ConfigValue.secretFile(keys.certificate), key_file: ConfigValue.secretFile(keys.key) },
    };
    return { receivers: { logs: [Component.receiver({ componentType: 'syslog', config: { tcp: listener }, checkFields: false })] } };
  }
}

const collector = (source: Source, props: Partial<CollectorProps>) => () => withSources([source], props);

test.each<[string, Source, Partial<CollectorProps>, string]>([
  ['a certificate that nothing answers with', new ClusterState(), { tls }, '1 problem\n  tls: given a certificate, and no source that'],
  ['tokens that nothing asks for', new ClusterState(), { tls, tokens }, '2 problems'],
  ['tokens that a listener does not ask for', new Syslog(), { tls, tokens }, '1 problem\n  tokens: given tokens, and no source that'],
  [
    'a provider that nothing asks',
    new Syslog(),
    { tls, oidc },
    '1 problem\n  oidc: given a provider, and no source that asks it; allowed: sources: [new OtlpReceiver(), …]',
  ],
])('%s', (_, source, props, message) => {
  expect(collector(source, props)).toThrow(message);
});

test('what takes them is let be', () => {
  expect(collector(new OtlpReceiver(), { tls, tokens, oidc })).not.toThrow();
  expect(collector(new OtlpReceiver(), { tls, oidc })).not.toThrow();
  expect(collector(new Syslog(), { tls })).not.toThrow();
});

test("own metrics are sent to the name that stands in the certificate, or the certificate's name is refused", () => {
  const ownTelemetry = { host: 'collector.observability.svc', port: 4318, tls: true, reach: Reach.anywhere() };
  expect(collector(new ClusterState(), { ownTelemetry })).not.toThrow();
  expect(collector(new ClusterState(), { ownTelemetry: { ...ownTelemetry, serverName: 'otlp.acme.example' } })).toThrow(
    '1 problem\n  ownTelemetry.serverName: given "otlp.acme.example"; allowed: a certificate for collector.observability.svc',
  );
});
