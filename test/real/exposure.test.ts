import { readFileSync } from 'node:fs';
import { Exposure, type ObservabilityChartProps, Reach, SecretKey, ServerTls } from '../../lib';
import { dropped } from './dropped';
import type { Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { part } from './harness/parts';
import { eventually } from './harness/program';
import { quickstart } from './stack';

let plane: ControlPlane;

beforeAll(async () => {
  plane = await ControlPlane.start({ controllers: 'none' });
  for (const file of ['httproutes.yaml', 'grpcroutes.yaml', 'certificates.yaml']) {
    await plane.apply(readFileSync(part(file), 'utf8'));
  }
  const served = ['httproutes.gateway.networking.k8s.io', 'grpcroutes.gateway.networking.k8s.io', 'certificates.cert-manager.io'];
  await eventually('the custom resources are served', async () => {
    for (const resource of served) {
      await plane.kubectl(['get', resource, '-A']);
    }
    return true;
  });
  await plane.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'observability' } }]);
}, 180_000);

const host = 'otlp.acme.example';
const annotations = { 'nginx.ingress.kubernetes.io/proxy-body-size': '8m' };
const tokens = [SecretKey.of('edge-7', 'token')];
const tls = ServerTls.certManager({ issuer: { name: 'internal' }, dnsNames: [host] });
const variants: Record<string, [string[], ObservabilityChartProps['gateway']]> = {
  'an Ingress': [
    ['Ingress', 'NetworkPolicy'],
    { tokens, expose: Exposure.ingress({ host, tlsSecret: 'otlp-tls', className: 'nginx', annotations }) },
  ],
  'routes of the Gateway API': [
    ['HTTPRoute', 'GRPCRoute', 'NetworkPolicy'],
    {
      tokens,
      expose: Exposure.gatewayApi({
        gateway: { name: 'public', namespace: 'infra', listener: 'https' },
        host,
        grpcHost: 'grpc.acme.example',
        from: Reach.cidrs('10.0.0.0/8'),
      }),
    },
  ],
  'a load balancer, and a Certificate of cert-manager': [
    ['Service', 'Certificate', 'NetworkPolicy'],
    {
      tokens,
      tls,
      expose: Exposure.loadBalancer({
        annotations: { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internal' },
        sourceRanges: ['10.0.0.0/8'],
      }),
    },
  ],
};

test.each(Object.keys(variants))(
  '[manifests] a real API server, with the CRDs of their projects, takes %s strictly and drops no field',
  async (name) => {
    const [kinds, gateway] = variants[name];
    const before = new Set(quickstart().map((object) => JSON.stringify([object.kind, object.metadata.name])));
    const sent: Manifest[] = quickstart({ gateway, smokeTest: false }).filter(
      (object) => !before.has(JSON.stringify([object.kind, object.metadata.name])),
    );
    expect(sent.map(({ kind }) => kind).sort()).toEqual([...kinds].sort());
    const came = await plane.apply(sent);
    expect(sent.flatMap((object, index) => dropped(object, came[index], object.kind))).toEqual([]);
  },
);
