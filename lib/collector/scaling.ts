import { Size } from 'cdk8s';
import type { Construct } from 'constructs';
import { autoscaler, scaledObject } from '../kubernetes/autoscaling';
import { ofNamespace } from '../kubernetes/endpoint';
import type { WorkloadIdentity } from '../kubernetes/labels';
import { headlessName, serviceHost } from '../kubernetes/names';
import { admit, tcp } from '../kubernetes/network-edges';
import { Problems } from '../kubernetes/problems';
import { bytes, quantity } from '../kubernetes/resources';
import { ConfigValue } from './config-value';
import type { Placement } from './placement';
import type { Rendering } from './rendering';

const port = { name: 'own-metrics', port: 8888 };

/** A reader of own metrics that is asked, beside the one that sends: what scales pods cannot wait for the store. */
export const askedReader = {
  pull: { exporter: { prometheus: { host: ConfigValue._listenBesidePort(port.name, port.port), port: port.port } } },
};

/** As many pods as their work needs: by CPU, and by the queues in front of what senders wait for. */
export function scale(scope: Construct, workload: WorkloadIdentity, placement: Placement, rendering: Rendering, isolated: boolean): void {
  const scaling = placement._autoscaling;
  if (!scaling) {
    return;
  }
  if (!scaling.queue) {
    autoscaler(scope, workload, scaling);
    return;
  }
  const { sizePerPod = Size.mebibytes(4), kedaNamespace = 'keda' } = scaling.queue;
  const queues = awaitedQueues(rendering);
  const problems = Problems.of(scope);
  if (queues.length === 0) {
    problems.add({
      where: 'autoscaling.queue',
      given: 'a value, and no sink that senders wait for',
      allowed: 'a sink that does not drop when it is full, or no `queue`',
    });
  }
  for (const { exporter, capacity } of queues.filter(({ capacity }) => capacity <= bytes(sizePerPod))) {
    problems.add({
      where: 'autoscaling.queue.sizePerPod',
      given: quantity(sizePerPod),
      allowed: `less than the queue of '${exporter}' holds, ${quantity(Size.kibibytes(Math.floor(capacity / 1024)))}`,
    });
  }
  problems.throwIfAny();
  const url = `http://${serviceHost(headlessName(workload.name), workload.namespace)}:${port.port}/metrics`;
  const waiting = queues.map(({ exporter, signal }) => ({
    url,
    series: `otelcol_exporter_queue_size{data_type="${signal}",exporter="${exporter}"}`,
    perPod: bytes(sizePerPod),
  }));
  scaledObject(scope, workload, scaling, waiting);
  if (isolated) {
    admit(scope, workload, 'keda', [ofNamespace(kedaNamespace)], tcp([port.port]));
  }
}

/** A queue that drops when it is full is full whenever its other side is away, which no pod more mends. */
const awaitedQueues = ({ components, settings }: Rendering) =>
  components.flatMap(({ _kind, id, _config }) => {
    const queue = _config.sending_queue as { block_on_overflow?: boolean; queue_size: number } | undefined;
    const pipelines = Object.entries(settings.service.pipelines).filter(([, { exporters }]) => exporters.includes(id));
    // An exporter has a queue for each signal.
    const taken = new Set(pipelines.map(([name]) => name.split('/')[0]));
    return _kind === 'exporter' && queue?.block_on_overflow
      ? [...taken].sort().map((signal) => ({ exporter: id, signal, capacity: queue.queue_size }))
      : [];
  });
