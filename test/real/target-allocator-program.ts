import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { containerOf, type Manifest } from './harness/container';
import type { ControlPlane } from './harness/control-plane';
import { Program, scratchFolder } from './harness/program';
import { allocatorName } from './monitored-targets';

export const allocatorConfiguration = (manifests: readonly Manifest[]) => Object.values(containerOf(manifests, allocatorName).files)[0];

/** The real target allocator with its rendered configuration and arguments, under its own account; and how it is asked. */
export async function startTargetAllocator(
  plane: ControlPlane,
  manifests: readonly Manifest[],
  { program: binary, address }: { readonly program: string; readonly address: string },
) {
  const folder = scratchFolder('target-allocator');
  const { env } = await plane.inCluster(allocatorName, 'observability');
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'pod',
    contexts: [{ name: 'pod', context: { cluster: 'harness', user: 'pod' } }],
    clusters: [
      {
        name: 'harness',
        cluster: { server: `https://127.0.0.1:${env.KUBERNETES_SERVICE_PORT}`, 'certificate-authority': plane.authority.path('ca.crt') },
      },
    ],
    users: [{ name: 'pod', user: { token: await plane.token(allocatorName, 'observability') } }],
  };
  writeFileSync(join(folder, 'kubeconfig'), stringify(kubeconfig));
  writeFileSync(join(folder, 'configuration.yaml'), allocatorConfiguration(manifests));
  const [, ...args] = containerOf(manifests, allocatorName).args;
  const program = Program.start(
    [
      binary,
      `--config-file=${join(folder, 'configuration.yaml')}`,
      ...args,
      `--kubeconfig-path=${join(folder, 'kubeconfig')}`,
      `--listen-addr=${address}`,
    ],
    { log: join(folder, 'log') },
  );
  // Where its kubeconfig was is no part of what it answers in a pod.
  const ask = async (path: string) =>
    JSON.parse(await (await fetch(`http://${address}${path}`)).text(), (key, value) => (key === 'kubeconfig_file' ? undefined : value));
  await program.until('it answers', () => ask('/jobs'));
  return { program, ask };
}
