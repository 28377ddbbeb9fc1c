import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const partsFolder = join(__dirname, '../parts');

/** Where parts/build.sh puts what it builds. */
const folders: string[] = execFileSync(join(partsFolder, 'build.sh'), ['folders'], { encoding: 'utf8' }).trim().split('\n');

/** A PATH that finds every part. */
export const partsPath = [...folders, process.env.PATH].join(':');

/** The path of a program that parts/build.sh built. */
export function part(name: string): string {
  const found = folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
  if (!found) {
    throw new Error(`the real part '${name}' is missing: run test/real/parts/build.sh`);
  }
  return found;
}

export const partNames = [
  ...['otelcol', 'etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'kubelet', 'kube-proxy'],
  ...['containerd', 'containerd-shim-runc-v2', 'ctr', 'coredns', 'local-path-provisioner', 'kube-network-policies'],
  ...['keda-operator', 'keda-adapter', 'keda.yaml', 'exposition', 'target-allocator'],
  ...['httproutes.yaml', 'grpcroutes.yaml', 'certificates.yaml', 'securitycontextconstraints.yaml'],
  ...['podmonitors.yaml', 'probes.yaml', 'scrapeconfigs.yaml', 'servicemonitors.yaml'],
] as const;
