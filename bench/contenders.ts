import { Testing } from 'cdk8s';
import { parse, stringify } from 'yaml';
import { ContainerLogs, GatewayMode, ObservabilityChart, StartAt } from '../lib';
import type { Manifest } from '../test/real/harness/container';

/** A gateway whose settings are measured. All have the same receivers, processors of Kubernetes, tables, limits and senders: what differs is how they keep, batch and insert. */
export interface Contender {
  readonly name: string;
  readonly settings: string;
  readonly objects: Manifest[];
}

const stack = (mode: GatewayMode): Manifest[] =>
  Testing.synth(
    new ObservabilityChart(Testing.app(), 'observability', {
      clusterName: 'bench',
      gateway: { mode },
      nodeAgent: { sources: [new ContainerLogs({ startAt: StartAt.BEGINNING })] },
      smokeTest: false,
    }),
  );

const durable = stack(GatewayMode.DURABLE);

interface PeerSettings {
  readonly batch: { readonly timeout: string; readonly send_batch_size: number };
  readonly exporter: Record<string, unknown>;
}

/** Our gateway with the delivery of a peer: the `batch` processor last in each pipeline, and an exporter that has its defaults for all that the peer does not say;
 * but for the compression, as the store's stand-in knows only ours. */
function peer({ batch, exporter }: PeerSettings): Manifest[] {
  const ours = durable.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'collector');
  const config = parse(ours.data['config.yaml']);
  config.processors.batch = batch;
  config.service.extensions = config.service.extensions.filter((id: string) => !id.startsWith('file_storage'));
  delete config.extensions['file_storage/queue'];
  for (const pipeline of Object.values<{ processors: string[] }>(config.service.pipelines)) {
    pipeline.processors.push('batch');
  }
  for (const [id, { endpoint, username, database, ...rest }] of Object.entries<Record<string, unknown>>(config.exporters)) {
    const tables = Object.fromEntries(Object.entries(rest).filter(([name]) => /_tables?(_name)?$/.test(name)));
    config.exporters[id] = { endpoint, username, database, ...tables, create_schema: false, compress: 'gzip', ...exporter };
  }
  return durable.map((object) => (object === ours ? { ...ours, data: { 'config.yaml': stringify(config) } } : object));
}

export const contenders: Contender[] = [
  {
    name: 'this library, durable',
    settings: 'queue on disk; inserts of 10,000 to 20,000 rows, or what came in 5 s',
    objects: durable,
  },
  {
    name: 'this library, synchronous',
    settings: 'answers after the insert; inserts of 10,000 rows and more, or what came in half a second',
    objects: stack(GatewayMode.SYNCHRONOUS),
  },
  {
    // hyperdxio/hyperdx at b52a6fa, docker/otel-collector: batch of config.yaml, exporter of config.standalone.yaml.
    name: 'ClickStack',
    settings: '`batch` processor, 10,000 rows or 5 s; queue in memory, retries for 5 minutes',
    objects: peer({
      batch: { timeout: '5s', send_batch_size: 10_000 },
      exporter: {
        timeout: '5s',
        retry_on_failure: { enabled: true, initial_interval: '5s', max_interval: '30s', max_elapsed_time: '300s' },
      },
    }),
  },
  {
    // SigNoz/charts at 6752234, charts/signoz/values.yaml; its own exporter is stood in for by the one of the contrib collector.
    name: 'SigNoz',
    settings: '`batch` processor, 50,000 rows or 1 s; queue in memory',
    objects: peer({ batch: { timeout: '1s', send_batch_size: 50_000 }, exporter: { timeout: '10s' } }),
  },
];
