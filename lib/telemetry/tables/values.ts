import { Duration } from 'cdk8s';
import { column, dictionary } from '../column';
import { type Table, table, type View } from '../table';
import { logs } from './logs';
import { traces } from './traces';

/** Names that occurred on a day: the values of drop-downs. */
export const values = table({
  name: 'values_1d',
  columns: {
    Day: { dataType: 'Date' },
    Signal: dictionary(),
    Cluster: dictionary(),
    Namespace: dictionary(),
    Workload: dictionary(),
    ServiceName: dictionary(),
    Pod: column('String'),
    Rows: column('SimpleAggregateFunction(sum, UInt64)'),
  },
  engine: 'AggregatingMergeTree',
  partitionBy: 'toMonday(Day)',
  orderBy: ['Signal', 'Day', 'Cluster', 'Namespace', 'Workload', 'ServiceName', 'Pod'],
  timeColumn: 'Day',
  retention: Duration.days(60),
  views: [valuesOf('logs', logs), valuesOf('traces', traces)],
});

function valuesOf(signal: string, from: Table): View {
  const names = { Cluster: 'Cluster', Namespace: 'Namespace', Workload: 'Workload', ServiceName: 'ServiceName', Pod: 'Pod' };
  return {
    name: `${signal}_values_1d_mv`,
    from,
    select: { Day: `toDate(${from.timeColumn})`, Signal: `'${signal}'`, ...names, Rows: 'count()' },
    groupBy: ['Day', ...Object.keys(names)],
  };
}
