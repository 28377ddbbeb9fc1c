import { busybox, Cluster } from './harness/cluster';
import type { Manifest } from './harness/container';
import { eventually } from './harness/program';

describe('the cluster', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start();
  });

  const pod = (name: string, command: string, spec: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { app: name } },
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'c',
          image: busybox,
          command: ['sh', '-c', command],
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          ...spec,
        },
      ],
    },
  });

  test('runs pods, which reach each other by name unless a policy forbids it', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    };
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    };
    await cluster.apply([namespace, service]);
    await cluster.apply(
      [
        pod('web', 'echo hello >/tmp/index.html; httpd -f -p 8080 -h /tmp', {
          readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 },
        }),
        pod('friend', 'sleep 3600'),
        pod('stranger', 'sleep 3600'),
      ].map(withTmp),
    );
    await cluster.kubectl(['wait', '--for=condition=Ready', 'pod', '--all', '-n', 'shop', '--timeout=60s']);
    const ask = (from: string) => cluster.inPod('shop', from, ['timeout', '5', 'wget', '-q', '-O', '-', 'http://web']);
    await eventually('the Service leads to the pod', () => ask('friend'), 20);
    expect(await ask('stranger')).toBe('hello\n');
    await cluster.apply([
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'web', namespace: 'shop' },
        spec: {
          podSelector: { matchLabels: { app: 'web' } },
          policyTypes: ['Ingress'],
          ingress: [{ from: [{ podSelector: { matchLabels: { app: 'friend' } } }], ports: [{ port: 8080 }] }],
        },
      },
    ]);
    await expect(ask('stranger')).rejects.toThrow('status 143');
    expect(await ask('friend')).toBe('hello\n');
    expect(await cluster.onNode(['curl', '-sS', '--max-time', '5', 'http://web.shop'])).toBe('hello\n');
  });

  test('refuses what Pod Security forbids, and says what does not start', async () => {
    await expect(cluster.apply([pod('root', 'sleep 1', { securityContext: { runAsUser: 0 } })])).rejects.toThrow(
      'violates PodSecurity "restricted:latest"',
    );
    const { spec, metadata } = pod('missing', 'sleep 1');
    spec.containers[0].image = 'docker.io/library/nothing:1';
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { selector: { matchLabels: metadata.labels }, template: { metadata: { labels: metadata.labels }, spec } },
    };
    await cluster.apply([deployment]);
    await expect(cluster.rolledOut([deployment], 10)).rejects.toThrow(/Deployment shop\/missing[\s\S]*(ErrImagePull|ImagePullBackOff)/);
  });
});

function withTmp(pod: Manifest) {
  pod.spec.volumes = [{ name: 'tmp', emptyDir: {} }];
  pod.spec.containers[0].volumeMounts = [{ name: 'tmp', mountPath: '/tmp' }];
  return pod;
}
