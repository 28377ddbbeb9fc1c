import { Size } from 'cdk8s';
import type { Construct } from 'constructs';
import { autoscaler, scaledObject } from '../kubernetes/autoscaling';
import { ofNamespace } from '../kubernetes/endpoint';
import type { WorkloadIdentity } from '../kubernetes/labels';
import { headlessName, serviceHost } from '../kubernetes/names';
import { admit, tcp } from '../kubernetes/network-edges';
import type { Problem } from '../kubernetes/problems';
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
  const { sizePerPod = defaultSizePerPod, kedaNamespace = 'keda' } = scaling.queue;
  const url = `http://${serviceHost(headlessName(workload.name), workload.namespace)}:${port.port}/metrics`;
  const waiting = awaitedQueues(rendering).map(({ exporter, signal }) => ({
    url,
    series: `otelcol_exporter_queue_size{data_type="${signal}",exporter="${exporter}"}`,
    perPod: bytes(sizePerPod),
  }));
  scaledObject(scope, workload, scaling, waiting);
  if (isolated) {
    admit(scope, workload, 'keda', [ofNamespace(kedaNamespace)], tcp([port.port]));
  }
}

const defaultSizePerPod = Size.mebibytes(4);

export function scalingProblems({ _autoscaling }: Placement, rendering: Rendering): Problem[] {
  if (!_autoscaling?.queue) {
    return [];
  }
  const { sizePerPod = defaultSizePerPod } = _autoscaling.queue;
  const queues = awaitedQueues(rendering);
  const none = {
    where: 'autoscaling.queue',
    given: 'a value, and no queue in bytes that senders wait for',
    allowed: 'a sink of this library that does not drop when it is full, or no `queue`',
  };
  const small = queues.filter(({ capacity }) => capacity <= bytes(sizePerPod));
  return [
    ...(queues.length === 0 ? [none] : []),
    ...small.map(({ exporter, capacity }) => ({
      where: 'autoscaling.queue.sizePerPod',
      given: quantity(sizePerPod),
      allowed: `less than the queue of '${exporter}' holds, ${quantity(Size.kibibytes(Math.floor(capacity / 1024)))}`,
    })),
  ];
}

interface SendingQueue {
  readonly enabled?: boolean;
  readonly block_on_overflow?: boolean;
  readonly sizer?: string;
  readonly queue_size?: number;
}

/** A queue that drops when it is full is full whenever its other side is away, which no pod more mends. One that is not measured in bytes cannot be compared with a size. */
const awaitedQueues = ({ components, settings }: Rendering) =>
  components.flatMap(({ _kind, id, _config }) => {
    const { enabled, block_on_overflow: waits, sizer, queue_size: capacity } = (_config.sending_queue ?? {}) as SendingQueue;
    const pipelines = Object.entries(settings.service.pipelines).filter(([, { exporters }]) => exporters.includes(id));
    // An exporter has a queue for each signal.
    const taken = new Set(pipelines.map(([name]) => name.split('/')[0]));
    return _kind === 'exporter' && enabled !== false && waits && sizer === 'bytes' && typeof capacity === 'number'
      ? [...taken].sort().map((signal) => ({ exporter: id, signal, capacity }))
      : [];
  });
