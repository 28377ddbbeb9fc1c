import { metricCatalogue } from '../../lib/telemetry/metric-catalogue';
import { recordedTables } from '../grafana/recording';

/** What collectors wrote on a real node is what is known of it: its kind, its unit, and no attribute more. */

interface Row {
  readonly MetricName: string;
  readonly MetricUnit: string;
  readonly Attributes: Record<string, string>;
}

/** Of a program that was scraped there, no source of the library. */
const ofTheShop = /^shop_/;
/** What the text of a scrape does not say: sources say it since that was recorded, and the tests on real parts compare it. */
const unitOfScrape = /^(ClickHouse|apiserver_|etcd_|process_)/;

const rows = recordedTables()
  .filter(({ name }) => name.startsWith('otel_metrics_'))
  .flatMap(({ name, lines }) => lines.split('\n').map((line): [string, Row] => [name.slice('otel_metrics_'.length), JSON.parse(line)]))
  .filter(([, { MetricName }]) => !ofTheShop.test(MetricName));

test('what was recorded is as the catalogue says: instrument, unit, attributes', () => {
  const known = metricCatalogue();
  const wrong = rows.flatMap(([table, { MetricName, MetricUnit, Attributes }]) => {
    const facts = known[MetricName];
    if (!facts) {
      return [`${MetricName} is not known`];
    }
    const more = Object.keys(Attributes).filter((attribute) => !facts.attributes.includes(attribute));
    return [
      ...(table === facts.instrument ? [] : [`${MetricName} is a ${table}`]),
      ...(MetricUnit === facts.unit || (MetricUnit === '' && unitOfScrape.test(MetricName)) ? [] : [`${MetricName} is in '${MetricUnit}'`]),
      ...(more.length === 0 ? [] : [`${MetricName} has ${more.join(', ')}`]),
    ];
  });
  expect([...new Set(wrong)].sort()).toEqual([]);
});
