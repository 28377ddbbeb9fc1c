import type { Manifest } from './container';
import type { ControlPlane } from './control-plane';

const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'];

/** The workloads that are not yet as they are to be. */
export async function notReady(controlPlane: ControlPlane, objects: readonly Manifest[]): Promise<string[]> {
  const waiting: string[] = [];
  for (const { kind, metadata } of objects.filter((object) => kinds.includes(object.kind))) {
    const found = JSON.parse(await controlPlane.kubectl(['get', kind, metadata.name, '-n', metadata.namespace, '-o', 'json']));
    if (!isReady(found)) {
      waiting.push(`${kind} ${metadata.namespace}/${metadata.name}`);
    }
  }
  return waiting;
}

function isReady({ kind, metadata, spec, status = {} }: Manifest): boolean {
  if (kind === 'Job') {
    return (status.succeeded ?? 0) >= (spec.completions ?? 1);
  }
  if (status.observedGeneration !== metadata.generation) {
    return false;
  }
  return kind === 'DaemonSet'
    ? status.desiredNumberScheduled > 0 &&
        status.numberReady === status.desiredNumberScheduled &&
        status.updatedNumberScheduled === status.desiredNumberScheduled
    : status.readyReplicas === (spec.replicas ?? 1) && status.updatedReplicas === (spec.replicas ?? 1);
}

/** What pods that are not ready, and events, say in the namespaces of the objects. */
export async function diagnosis(controlPlane: ControlPlane, objects: readonly Manifest[]): Promise<string> {
  const report: string[] = [];
  for (const namespace of new Set(objects.map(({ metadata }) => metadata.namespace).filter(Boolean))) {
    report.push(`--- namespace ${namespace}`, await say(controlPlane, ['get', 'pods', '-n', namespace, '-o', 'wide']));
    for (const pod of await controlPlane.get('pods', namespace)) {
      const statuses: Manifest[] = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
      for (const { name, ready, restartCount, state } of statuses.filter(
        (status) => !status.ready && pod.status.phase !== 'Succeeded' && !status.state?.terminated?.reason?.includes('Completed'),
      )) {
        report.push(`--- ${pod.metadata.name} ${name}: ready ${ready}, restarts ${restartCount}, ${JSON.stringify(state)}`);
        const logs = ['logs', '-n', namespace, pod.metadata.name, '-c', name, '--tail=15'];
        report.push(await say(controlPlane, logs), ...(restartCount > 0 ? [await say(controlPlane, [...logs, '--previous'])] : []));
      }
    }
    const events = await say(controlPlane, ['get', 'events', '-n', namespace, '--field-selector=type=Warning', '--sort-by=.lastTimestamp']);
    report.push(events.split('\n').slice(-15).join('\n'));
  }
  return report.join('\n');
}

async function say(controlPlane: ControlPlane, args: string[]): Promise<string> {
  const { stdout, stderr } = await controlPlane.tryKubectl(args);
  return `${stdout}${stderr}`.trim();
}
