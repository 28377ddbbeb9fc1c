import { Resolver } from 'node:dns/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { podRuns } from './cluster-contents';
import type { ControlPlane } from './harness/control-plane';
import { freePort } from './harness/free-port';
import { part } from './harness/parts';
import { eventually, Program, run, scratchFolder } from './harness/program';

/**
 * etcd, scheduler, controller manager and CoreDNS, each the real program with its metrics where a pod of kubeadm would have them, on an address of the loopback
 * of its own; and the pods that say so.
 */
export const addresses = { etcd: '127.0.0.11', scheduler: '127.0.0.12', 'controller-manager': '127.0.0.13', coredns: '127.0.0.14' };

export async function startParts(plane: ControlPlane): Promise<void> {
  const folder = scratchFolder('parts');
  const start = (name: string, args: string[]) => Program.start([part(name), ...args], { log: join(folder, `${name}.log`) });
  const kubernetes = (ip: string, port: number) => [
    ...['--bind-address', ip, '--secure-port', String(port), '--leader-elect=false', '--kubeconfig', plane.kubeconfig],
    ...['--authentication-kubeconfig', plane.kubeconfig, '--authorization-kubeconfig', plane.kubeconfig],
  ];
  start('kube-scheduler', kubernetes(addresses.scheduler, 10259));
  start('kube-controller-manager', [
    ...kubernetes(addresses['controller-manager'], 10257),
    ...['--controllers', '*,-node-lifecycle-controller,-taint-eviction-controller', '--root-ca-file', plane.authority.path('ca.crt')],
    ...['--service-account-private-key-file', plane.authority.path('service-accounts.key')],
  ]);
  const [client, peer, dns, upstream] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const url = (port: number) => `http://127.0.0.1:${port}`;
  const etcd = start('etcd', [
    ...['--data-dir', join(folder, 'etcd'), '--initial-cluster', `default=${url(peer)}`, '--initial-advertise-peer-urls', url(peer)],
    ...['--listen-client-urls', url(client), '--advertise-client-urls', url(client), '--listen-peer-urls', url(peer)],
    ...['--listen-metrics-urls', `http://${addresses.etcd}:2381`],
  ]);
  writeFileSync(join(folder, 'Corefile'), corefile(dns, upstream));
  const coredns = start('coredns', ['-conf', join(folder, 'Corefile')]);
  await coredns.until('answers', () => lookUp(dns));
  await etcd.until('shows its metrics', async () => (await fetch(`http://${addresses.etcd}:2381/metrics`)).ok);
  for (const port of [10259, 10257]) {
    const host = port === 10259 ? addresses.scheduler : addresses['controller-manager'];
    await eventually(`${host}:${port}`, async () => (await run(['curl', '-skf', `https://${host}:${port}/healthz`])).status === 0);
  }
}

/** Questions go to a second server of its own, as they would to that of the nodes; a further one is not there. */
const corefile = (port: number, upstream: number) => `
.:${port} {
  bind ${addresses.coredns}
  prometheus ${addresses.coredns}:9153
  cache 30
  forward missing.test 127.0.0.1:1
  forward . 127.0.0.1:${upstream}
}
.:${upstream} {
  bind 127.0.0.1
  hosts { 
    10.1.2.3 shop.example
  }
}
`;

/** A name that there is, twice, and one that there is not. */
async function lookUp(port: number): Promise<boolean> {
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  resolver.setServers([`${addresses.coredns}:${port}`]);
  const none = () => undefined;
  for (const name of ['shop.example', 'shop.example', 'none.example', 'none.example', 'a.missing.test']) {
    await resolver.resolve4(name).catch(none);
    await resolver.resolve6(name).catch(none);
  }
  return (await resolver.resolve4('shop.example'))[0] === '10.1.2.3';
}

/** Of CoreDNS' container several ports are declared, and only one has metrics. */
export async function podsOfParts(plane: ControlPlane): Promise<void> {
  const labels = {
    etcd: { component: 'etcd' },
    scheduler: { component: 'kube-scheduler' },
    'controller-manager': { component: 'kube-controller-manager' },
    coredns: { 'k8s-app': 'kube-dns' },
  };
  for (const [name, ip] of Object.entries(addresses)) {
    const ports = name === 'coredns' ? [53, 9153, 8181].map((containerPort) => ({ containerPort })) : [];
    const container = { name, image: 'busybox:1', ports };
    const metadata = { name, namespace: 'kube-system', labels: labels[name as keyof typeof labels] };
    await plane.apply([{ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [container] } }]);
    await podRuns(plane, name, ip, [], { namespace: 'kube-system' });
  }
}
