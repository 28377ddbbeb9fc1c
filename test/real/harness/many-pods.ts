import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import type { Manifest } from './container';
import type { ControlPlane } from './control-plane';

/** Makes many pods that run, by plain requests: kubectl would take minutes. They stand on a node that is there. */
export async function manyPods(plane: ControlPlane, pods: readonly { readonly pod: Manifest; readonly ip: string }[]): Promise<void> {
  const { authority } = plane;
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 16,
    ca: readFileSync(authority.path('ca.crt')),
    cert: readFileSync(authority.path('admin.crt')),
    key: readFileSync(authority.path('admin.key')),
  });
  const server = /server: (\S+)/.exec(readFileSync(plane.kubeconfig, 'utf8'))?.[1];
  const send = (method: string, path: string, type: string, body: Manifest) =>
    new Promise<void>((sent, failed) => {
      const outgoing = request(`${server}${path}`, { method, agent, headers: { 'content-type': type } }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('end', () =>
          (answer.statusCode ?? 500) < 300 ? sent() : failed(new Error(`${method} ${path}: ${answer.statusCode} ${Buffer.concat(parts)}`)),
        );
      });
      outgoing.once('error', failed);
      outgoing.end(JSON.stringify(body));
    });
  const one = async ({ pod, ip }: { pod: Manifest; ip: string }) => {
    const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods`;
    await send('POST', path, 'application/json', pod);
    const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions: [{ type: 'Ready', status: 'True' }] };
    await send('PATCH', `${path}/${pod.metadata.name}/status`, 'application/merge-patch+json', { status });
  };
  const left = [...pods];
  const work = async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      await one(next);
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
  agent.destroy();
}
