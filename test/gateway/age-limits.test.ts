import { Chart, Duration, Testing } from 'cdk8s';
import { parse } from 'yaml';
import { ClickHouseCluster, ClickHouseSink, CollectorGateway, type IClickHouse, OtlpSink, Signal, type Sink } from '../../lib';

/** The oldest that is let in, in days; nothing where there is no limit. */
function days(sinks: (chart: Chart) => Sink[]): (number | undefined)[] {
  const chart = new Chart(Testing.app(), 'test');
  const gateway = new CollectorGateway(chart, 'Gateway', { clusterName: 'prod', sinks: sinks(chart) });
  const texts = Object.values<object>(parse(gateway.configText).processors).map((processor) => JSON.stringify(processor));
  return ['log.time', 'datapoint.time', 'span.start_time'].map((time) => {
    const found = texts.map((text) => text.match(`Now\\(\\) - ${time} > Duration\\(.{0,2}"(\\d+)s`)).find((match) => match);
    return found ? Number(found[1]) / 86_400 : undefined;
  });
}

const store = (chart: Chart, id: string, logs: number) =>
  new ClickHouseCluster(chart, id, { name: id.toLowerCase(), retention: { logs: Duration.days(logs) } });
const vendor = new OtlpSink({ endpoint: 'https://vendor.example', signals: [Signal.TRACES] });

test('a store among the sinks says how old things may be, as one in `clickhouse` does', () => {
  expect(days((chart) => [...CollectorGateway.defaultSinks(store(chart, 'A', 10)), vendor])).toEqual([10, 395, 14]);
});

test('of two stores the longer one does, for the signals that it takes', () => {
  const two = (signals: Signal[]) => (chart: Chart) => [
    new ClickHouseSink({ clickhouse: store(chart, 'A', 10) }),
    new ClickHouseSink({ clickhouse: store(chart, 'B', 90), name: 'b', signals }),
  ];
  expect(days(two([Signal.LOGS]))).toEqual([90, 395, 14]);
  expect(days(two([Signal.TRACES]))).toEqual([10, 395, 14]);
});

test('no limit where nobody knows: no store, or one that does not say', () => {
  const silent = (chart: Chart): IClickHouse => {
    const own = store(chart, 'A', 10);
    const { nativeEndpoint, httpEndpoint, database } = own;
    return { nativeEndpoint, httpEndpoint, database, login: own.login.bind(own) };
  };
  const none = [undefined, undefined, undefined];
  expect(days(() => [new OtlpSink({ endpoint: 'https://vendor.example' })])).toEqual(none);
  expect(days((chart) => [new ClickHouseSink({ clickhouse: silent(chart) })])).toEqual(none);
  const known = (chart: Chart) => new ClickHouseSink({ clickhouse: store(chart, 'B', 90), name: 'b', signals: [Signal.LOGS] });
  expect(days((chart) => [new ClickHouseSink({ clickhouse: silent(chart) }), known(chart)])).toEqual(none);
});
