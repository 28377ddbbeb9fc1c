import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlPlane } from './control-plane';
import { freePort } from './free-port';
import { part } from './parts';
import { eventually, Program, scratchFolder } from './program';

/** What KEDA's own manifests declare, without its programs. */
export async function kedaIsServed(plane: ControlPlane): Promise<void> {
  await plane.apply(readFileSync(part('keda.yaml'), 'utf8'), { warningsAsErrors: false });
  await eventually('KEDA is served', async () => (await plane.tryKubectl(['get', 'scaledobjects.keda.sh', '-A'])).status === 0);
}

/**
 * The real KEDA beside a control plane: its operator, and its adapter that serves metrics to the HorizontalPodAutoscaler of the real controller manager. With the rights of its own manifests, by a certificate of its account.
 * `hosts`: names that it finds, as there is no cluster DNS.
 */
export async function startKeda(plane: ControlPlane, hosts: readonly string[]): Promise<Program> {
  await kedaIsServed(plane);
  const folder = scratchFolder('keda');
  const [health, metrics, secure, own] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const certificates = await certificatesOf(plane, folder);
  writeFileSync(join(folder, 'hosts'), `127.0.0.1 ${['localhost', ...hosts].join(' ')}\n`);
  const start = (name: string, args: string[]) =>
    Program.start(['unshare', '--mount', '--propagation', 'private', 'sh', '-ec', withHosts, join(folder, 'hosts'), part(name), ...args], {
      log: join(folder, `${name}.log`),
      env: {
        PATH: process.env.PATH ?? '',
        KUBECONFIG: plane.writeKubeconfig('keda'),
        POD_NAMESPACE: 'keda',
        KEDA_CLUSTER_OBJECT_NAMESPACE: 'keda',
        WATCH_NAMESPACE: '',
      },
    });
  const operator = start('keda-operator', [
    ...['--enable-prometheus-metrics=false', `--health-probe-bind-address=127.0.0.1:${health}`],
    ...[`--metrics-service-bind-address=127.0.0.1:${metrics}`, `--cert-dir=${certificates}`],
    ...['--enable-webhook-patching=false', '--enable-apiservice-patching=false', '--zap-log-level=debug'],
  ]);
  await operator.until('is ready', async () => (await fetch(`http://127.0.0.1:${health}/readyz`).catch(() => undefined))?.ok, 60);
  const kubeconfig = plane.writeKubeconfig('keda');
  const adapter = start('keda-adapter', [
    ...['--bind-address=127.0.0.1', `--secure-port=${secure}`, `--port=${own}`, `--metrics-service-address=localhost:${metrics}`],
    ...[
      `--client-ca-file=${certificates}/ca.crt`,
      `--tls-cert-file=${certificates}/tls.crt`,
      `--tls-private-key-file=${certificates}/tls.key`,
    ],
    ...[
      `--cert-dir=${certificates}`,
      `--lister-kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
    ],
  ]);
  await plane.apply(servedBy(secure, readFileSync(join(certificates, 'ca.crt')).toString('base64')));
  const served = ['get', '--raw', '/apis/external.metrics.k8s.io/v1beta1'];
  await adapter.until('serves metrics', async () => (await plane.tryKubectl(served)).status === 0, 60);
  return operator;
}

/** $0: the file of names, then the program. Its process id stays. */
const withHosts = 'mount --bind "$0" /etc/hosts; exec "$@"';

async function certificatesOf({ authority }: ControlPlane, folder: string): Promise<string> {
  const certificates = join(folder, 'certificates');
  mkdirSync(certificates);
  const names = ['DNS:localhost', 'DNS:keda-metrics-apiserver.keda.svc', 'IP:127.0.0.1'];
  await authority.sign('keda', { commonName: 'system:serviceaccount:keda:keda-operator', usage: ['clientAuth', 'serverAuth'], names });
  for (const [from, to] of [
    ['ca.crt', 'ca.crt'],
    ['keda.crt', 'tls.crt'],
    ['keda.key', 'tls.key'],
  ]) {
    copyFileSync(authority.path(from), join(certificates, to));
  }
  return certificates;
}

/** By a name in place of the address of a Service, as no address of the loopback can be one. */
const servedBy = (port: number, caBundle: string) => [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'keda-metrics-apiserver', namespace: 'keda' },
    spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
  },
  {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1beta1.external.metrics.k8s.io' },
    spec: {
      service: { name: 'keda-metrics-apiserver', namespace: 'keda', port },
      caBundle,
      group: 'external.metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
    },
  },
];
