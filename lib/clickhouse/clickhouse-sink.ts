import { Component } from '../collector/component';
import { ConfigValue } from '../collector/config-value';
import { KeptShare } from '../collector/kept-share';
import type { Signal, SignalName } from '../collector/signal';
import { Sink, type SinkBinding } from '../collector/sink';
import { sending } from '../collector/sinks/sending-queue';
import { exporterName, routed, type SinkOptions, sinkOptionChecks } from '../collector/sinks/sink-options';
import type { CollectorContext } from '../collector/source';
import { type Checks, refuse, required } from '../kubernetes/checks';
import { logs } from '../telemetry/tables/logs';
import { metricTables } from '../telemetry/tables/metrics';
import { traces } from '../telemetry/tables/traces';
import { ClickHouseUser, clickHouseCheck, type IClickHouse } from './clickhouse';
import type { ClickHouseCluster } from './clickhouse-cluster';
import { awaitSchema } from './schema/await-schema';
import type { Retention } from './schema/retention';

/** Properties of a ClickHouseSink. */
export interface ClickHouseSinkProps extends SinkOptions {
  /** The store, whose tables exist or are made by a TelemetrySchema. */
  readonly clickhouse: IClickHouse;
  /**
   * Tells it from a ClickHouseSink of another store in the same collector; part of the names of its exporters.
   * @default - none: it is the only one
   */
  readonly name?: string;
}

/**
 * Stores telemetry in ClickHouse, in tables that a TelemetrySchema made: the collector starts when they are there. It waits and tries again for ever;
 * nothing is dropped while the queue has room, and then senders wait. What is sent again is stored once.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/exporter/clickhouseexporter
 */
export class ClickHouseSink extends Sink {
  /** @internal Where it stores. */
  readonly _clickhouse: IClickHouse;

  /** @throws if a property is wrong */
  constructor(private readonly props: ClickHouseSinkProps) {
    super();
    refuse<ClickHouseSinkProps>('ClickHouseSink', props, checks);
    this._clickhouse = props.clickhouse;
  }

  /** @internal How many collectors may insert at one time with all that they have; undefined where the store is not ours to know. */
  get _collectorsAtMost(): number | undefined {
    const { _insertsAtOnce } = this.props.clickhouse as Partial<ClickHouseCluster>;
    return _insertsAtOnce && Math.max(1, Math.floor(_insertsAtOnce / insertsAtOnce));
  }

  /** @internal How long the store keeps the signals that go there; undefined where it does not say. */
  get _retention(): Retention | undefined {
    const { clickhouse, signals } = this.props;
    const { retention } = clickhouse;
    const kept = Object.entries(retention ?? {}).filter(([signal]) => !signals || signals.includes(signal as Signal));
    return retention && Object.fromEntries(kept);
  }

  bind(context: CollectorContext): SinkBinding {
    return { ...routed(this.props, (signal) => this.exporter(context, signal)), keeps: KeptShare.everything() };
  }

  /** One a signal: their queues are of different sizes. */
  private exporter(context: CollectorContext, signal: SignalName): Component {
    const { clickhouse, name } = this.props;
    const { username, password } = clickhouse.login(ClickHouseUser.WRITER);
    return Component.exporter({
      componentType: 'clickhouse',
      name: name ? `${name}-${signal}` : signal,
      config: {
        endpoint: this.endpoint(context),
        username,
        password: ConfigValue.secret(password),
        database: clickhouse.database,
        ...tableNames[signal],
        create_schema: false,
        // Only inserts that are written when they are answered are recognized when they come again.
        async_insert: false,
        compress: 'gzip',
        ...(context.waitForResult ? answered : queued)(context, signal),
      },
    });
  }

  /** Over HTTP: each insert is a request of its own, so that every replica of the server gets its share and none holds a connection. */
  private endpoint(context: CollectorContext): ConfigValue {
    const { clickhouse, name } = this.props;
    const { httpEndpoint, nativeEndpoint } = clickhouse;
    const address = ConfigValue.connect(httpEndpoint, httpEndpoint.tls ? 'https' : 'http');
    return ConfigValue._startAfter(address, awaitSchema(clickhouse, context.images._reference('clickhouse'), name), [nativeEndpoint]);
  }
}

/** Inserts of one signal at one time. */
const consumers = 2;

/** Of one collector: metrics go into the table of each kind at the same time. */
const insertsAtOnce = consumers * (2 + Object.keys(metricTables).length);

/** Parts of ten thousand rows and more are what the server merges well. More at once would not fit into a collector of a gigabyte, when a long queue is sent. */
const queued = (context: CollectorContext, signal: SignalName) => ({
  timeout: '30s',
  ...sending(context, signal, { consumers, minBatch: 10_000, maxBatch: 20_000, flushAfter: '5s' }),
});

/**
 * While somebody waits: an agent has few requests under way, so what they wait for is what it can send. Answered before agents give up after half a minute. A request is never in two inserts, of which one may succeed and the other fail.
 */
const answered = (context: CollectorContext, signal: SignalName) => ({
  timeout: '20s',
  ...sending(context, signal, { consumers, minBatch: 10_000, flushAfter: '500ms' }),
});

const tableNames: Record<SignalName, object> = {
  logs: { logs_table_name: logs.name },
  metrics: { metrics_tables: Object.fromEntries(Object.entries(metricTables).map(([instrument, { name }]) => [instrument, { name }])) },
  traces: { traces_table_name: traces.name },
};

const checks: Checks<ClickHouseSinkProps> = {
  ...sinkOptionChecks,
  // `await-schema-` is put before it.
  name: exporterName,
  clickhouse: required(clickHouseCheck),
};
