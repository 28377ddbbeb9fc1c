import { existsSync } from 'node:fs';
import { part, partNames } from './parts';
import { run } from './program';

/** What the parts need of the machine, by the Debian package that brings it. */
const machine: Record<string, string> = {
  '/usr/sbin/runc': 'runc',
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
  '/usr/sbin/iptables': 'iptables',
  '/usr/sbin/ip': 'iproute2',
  '/usr/bin/busybox': 'busybox',
  '/usr/bin/openssl': 'openssl',
  '/usr/bin/curl': 'curl',
  '/usr/bin/nsenter': 'util-linux',
};

/** Before the first test: a part that is missing is a failure, never a skip. Says what is run. */
export default async function globalSetup(): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error('npm run test:real needs root: it makes namespaces, mounts and containers');
  }
  const missing = Object.entries(machine).flatMap(([file, name]) => (existsSync(file) ? [] : [name]));
  if (missing.length > 0) {
    throw new Error(`missing on this machine: apt-get install ${missing.join(' ')}`);
  }
  partNames.forEach(part);
  for (const [name, ...command] of versions) {
    const { stdout, stderr } = await run([name.startsWith('/') || name === process.execPath ? name : part(name), ...command]);
    console.log(`${name}: ${(stdout || stderr).trim().split('\n')[0]}`);
  }
}

const versions = [
  ['otelcol', '--version'],
  ['etcd', '--version'],
  ['kube-apiserver', '--version'],
  ['kubelet', '--version'],
  ['kubectl', 'version', '--client'],
  ['containerd', '--version'],
  ['coredns', '-version'],
  ['/usr/sbin/runc', '--version'],
  [
    process.execPath,
    '-e',
    "console.log('Node', process.version, 'ClickHouse engine', require('chdb').query('SELECT version()', 'TabSeparated').trim())",
  ],
] as const;
