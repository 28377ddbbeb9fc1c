import { ApiObject, Chart, Testing } from 'cdk8s';
import { Deployment, EnvValue } from 'cdk8s-plus-27';
import { CollectorGateway, Instrumentation, NodeAgent, SecretKey, ServerTls } from '../../lib';
import { warningsOf } from '../../lib/kubernetes/warnings';
import { Nowhere } from '../nowhere';

function setUp({ namespace, networkPolicies }: { namespace?: string; networkPolicies?: boolean } = { namespace: 'shop' }) {
  const app = Testing.app();
  const chart = new Chart(app, 'observability', { namespace: 'observability' });
  const gateway = new CollectorGateway(chart, 'Gateway', { clusterName: 'test', sinks: [new Nowhere()], networkPolicies });
  const shop = new Chart(app, 'shop', { namespace });
  const deployment = (template: object = {}) =>
    new ApiObject(shop, 'Basket', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'basket' },
      spec: {
        template: {
          metadata: { labels: { app: 'basket' } },
          spec: { containers: [{ name: 'main', image: 'basket:2.0.1', env: [{ name: 'A', value: 'b' }] }] },
          ...template,
        },
      },
    });
  return { gateway, shop, deployment, synth: () => Testing.synth(shop) };
}

const find = (objects: any[], kind: string) => objects.find((object) => object.kind === kind);
const values = (container: any) =>
  Object.fromEntries(container.env.map(({ name, value, valueFrom }: any) => [name, value ?? valueFrom.fieldRef.fieldPath]));

test('a workload of cdk8s-plus gets the environment that SDKs read, and is let in at the gateway', () => {
  const { gateway, shop, synth } = setUp();
  const checkout = new Deployment(shop, 'Checkout', {
    containers: [{ name: 'main', image: 'registry.example:5000/checkout:1.4.2', portNumber: 8080 }],
  });
  Instrumentation.of(gateway).workload(checkout, {
    serviceName: 'checkout',
    serviceNamespace: 'shop',
    deploymentEnvironment: 'production',
    team: 'payments',
  });
  const env = values(find(synth(), 'Deployment').spec.template.spec.containers[0]);
  expect(env).toMatchObject({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.observability.svc:4318',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_SERVICE_NAME: 'checkout',
    OTEL_POD_UID: 'metadata.uid',
  });
  expect(env.OTEL_RESOURCE_ATTRIBUTES).toBe(
    'service.namespace=shop,service.version=1.4.2,service.instance.id=$(OTEL_POD_UID)/main,deployment.environment.name=production,team=payments,k8s.container.name=main,k8s.namespace.name=$(OTEL_POD_NAMESPACE),k8s.node.name=$(OTEL_NODE_NAME),k8s.pod.name=$(OTEL_POD_NAME),k8s.pod.uid=$(OTEL_POD_UID)',
  );
  const names = find(synth(), 'Deployment').spec.template.spec.containers[0].env.map(({ name }: any) => name);
  expect(names.indexOf('OTEL_POD_UID')).toBeLessThan(names.indexOf('OTEL_RESOURCE_ATTRIBUTES'));
  const policy = find(synth(), 'NetworkPolicy');
  expect(policy.metadata).toMatchObject({ namespace: 'observability' });
  expect(policy.spec.ingress).toEqual([
    {
      from: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } },
          podSelector: { matchLabels: { 'cdk8s.io/metadata.addr': expect.any(String) } },
        },
      ],
      ports: [{ port: 4318, protocol: 'TCP' }],
    },
  ]);
});

test('so does any object with a pod template, and keeps what it has', () => {
  const { gateway, deployment, synth } = setUp();
  Instrumentation.of(gateway).apiObject(deployment());
  const env = values(find(synth(), 'Deployment').spec.template.spec.containers[0]);
  expect(env).toMatchObject({ OTEL_SERVICE_NAME: 'basket', A: 'b' });
  expect(find(synth(), 'NetworkPolicy').spec.ingress[0].from).toEqual([
    { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } }, podSelector: { matchLabels: { app: 'basket' } } },
  ]);
});

test('a variable that a container sets itself stays, with a warning', () => {
  const { gateway, shop, synth } = setUp();
  const checkout = new Deployment(shop, 'Checkout', {
    containers: [{ image: 'checkout:1', portNumber: 1, envVariables: { OTEL_SERVICE_NAME: EnvValue.fromValue('mine') } }],
  });
  Instrumentation.of(gateway).workload(checkout, { serviceName: 'theirs' });
  expect(values(find(synth(), 'Deployment').spec.template.spec.containers[0]).OTEL_SERVICE_NAME).toBe('mine');
  expect(warningsOf(shop)).toEqual([expect.stringContaining("container 'main' sets OTEL_SERVICE_NAME itself: it stays as it is")]);
});

test('a workload that is instrumented twice is named, however it is handed in', () => {
  const { gateway, shop, deployment, synth } = setUp();
  const basket = deployment();
  const checkout = new Deployment(shop, 'Checkout', { containers: [{ image: 'checkout:1', portNumber: 1 }] });
  const instrumentation = Instrumentation.of(gateway);
  instrumentation.apiObject(basket);
  instrumentation.workload(checkout, { team: 'a' });
  const once = synth();
  const nodeAgent = new NodeAgent(new Chart(Testing.app(), 'agents'), 'NodeAgent', { gateway });
  expect(() => Instrumentation.of(nodeAgent).apiObject(basket)).toThrow(
    'ApiObject shop/Basket: 1 problem\n  workload: given shop/Basket, which is instrumented already; allowed: once for each workload, with all properties and one gateway: leave out one of the calls',
  );
  expect(() => instrumentation.workload(checkout, { team: 'b' })).toThrow('given shop/Checkout, which is instrumented already');
  expect(() => instrumentation.apiObject(ApiObject.of(checkout))).toThrow('which is instrumented already');
  expect(warningsOf(shop)).toEqual([]);
  expect(synth()).toEqual(once);
});

test('one that was refused can be mended', () => {
  const { gateway, deployment } = setUp();
  const basket = deployment();
  expect(() => Instrumentation.of(gateway).apiObject(basket, { team: 'no team' })).toThrow('team: given "no team"');
  expect(() => Instrumentation.of(gateway).apiObject(basket, { team: 'shop' })).not.toThrow();
});

test('a policy that could not name the pods would let in nobody, or everybody: an error', () => {
  const without = setUp({});
  expect(() => Instrumentation.of(without.gateway).apiObject(without.deployment())).toThrow(
    'namespace: given nothing; allowed: a namespace',
  );
  const shop = setUp();
  expect(() => Instrumentation.of(shop.gateway).apiObject(shop.deployment({ metadata: {} }))).toThrow(
    'spec.template.metadata.labels: given nothing',
  );
  expect(() =>
    Instrumentation.of(shop.gateway).apiObject(
      new ApiObject(shop.shop, 'Other', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }),
    ),
  ).toThrow('given no containers');
});

test('no gateway is one clear error', () => {
  expect(() => Instrumentation.of(undefined as never)).toThrow('Instrumentation.of: 1 problem\n  gateway: given nothing');
  expect(() => Instrumentation.of('collector:4318' as never)).toThrow(
    'gateway: given "collector:4318"; allowed: a CollectorGateway, or another IGateway',
  );
});

test('a gateway without policies needs none, and gets none: the first would close it', () => {
  const { gateway, deployment, synth } = setUp({ networkPolicies: false });
  Instrumentation.of(gateway).apiObject(deployment());
  expect(find(synth(), 'NetworkPolicy')).toBeUndefined();
});

describe('a gateway with an authority of its own that asks for tokens', () => {
  const secured = (tls: ServerTls) => {
    const app = Testing.app();
    const gateway = new CollectorGateway(new Chart(app, 'observability', { namespace: 'observability' }), 'Gateway', {
      clusterName: 'test',
      sinks: [new Nowhere()],
      tls,
      tokens: [SecretKey.of('gateway-shop', 'token')],
    });
    const shop = new Chart(app, 'shop', { namespace: 'shop' });
    const checkout = new Deployment(shop, 'Checkout', {
      containers: [
        { name: 'main', image: 'checkout:1', portNumber: 1 },
        { name: 'beside', image: 'beside:1', portNumber: 2 },
      ],
    });
    const basket = new ApiObject(shop, 'Basket', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'basket' },
      spec: { template: { metadata: { labels: { app: 'basket' } }, spec: { containers: [{ name: 'main', image: 'basket:1' }] } } },
    });
    return { gateway, shop, checkout, basket };
  };
  const tls = ServerTls.secret('otlp-tls', { caCertificate: SecretKey.of('acme-ca', 'ca.crt') });
  const token = SecretKey.of('gateway', 'token');

  test('gives both to every container, by reference', () => {
    const { gateway, shop, checkout, basket } = secured(tls);
    Instrumentation.of(gateway).workload(checkout, { token });
    Instrumentation.of(gateway).apiObject(basket, { token });
    const deployments = Testing.synth(shop).filter(({ kind }) => kind === 'Deployment');
    expect(deployments).toHaveLength(2);
    for (const { spec } of deployments) {
      const { volumes, containers } = spec.template.spec;
      expect(volumes).toMatchObject([
        { name: 'gateway-authority', secret: { secretName: 'acme-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      ]);
      expect(containers[0].volumeMounts).toMatchObject([
        { name: 'gateway-authority', mountPath: '/etc/opentelemetry/gateway-authority', readOnly: true },
      ]);
      const env = Object.fromEntries(containers[0].env.map(({ name, value, valueFrom }: any) => [name, value ?? valueFrom]));
      expect(env).toMatchObject({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.observability.svc:4318',
        OTEL_EXPORTER_OTLP_CERTIFICATE: '/etc/opentelemetry/gateway-authority/ca.crt',
        OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20$(OTEL_GATEWAY_TOKEN)',
        OTEL_GATEWAY_TOKEN: { secretKeyRef: { name: 'gateway', key: 'token' } },
      });
      const names = Object.keys(env);
      expect(names.indexOf('OTEL_GATEWAY_TOKEN')).toBeLessThan(names.indexOf('OTEL_EXPORTER_OTLP_HEADERS'));
    }
  });

  test('what an SDK cannot do is an error that names who can', () => {
    const { gateway, checkout } = secured(ServerTls.secret('otlp-tls', { serverName: 'otlp.acme.example' }));
    expect(() => Instrumentation.of(gateway).workload(checkout)).toThrow(
      /2 problems\n {2}token: given nothing; .*Instrumentation.of\(nodeAgent\)\n {2}gateway: given a certificate for otlp.acme.example; /,
    );
    const nodeAgent = new NodeAgent(new Chart(Testing.app(), 'agents'), 'NodeAgent', { gateway });
    expect(() => Instrumentation.of(nodeAgent).workload(checkout)).not.toThrow();
  });
});
