import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clickHousePlugin } from '../../lib/grafana/plugin';
import { release, runbooks } from '../../lib/grafana/runbooks';
import { shippedImages } from '../../lib/kubernetes/images';

/** What ships is what was proven; where it is not, the exception has a name here. */
const recipe = (name: string) => readFileSync(join(__dirname, '../real/parts', name, 'go.mod'), 'utf8');

const contrib = 'github.com/open-telemetry/opentelemetry-collector-contrib';

/** Modules that cannot be had at the shipped version: a configuration may use no field that came later, but for those in test/real/harness/older-components.ts. */
const older: Record<string, string> = {
  [`${contrib}/receiver/k8seventsreceiver`]: 'v0.145.0',
  [`${contrib}/receiver/k8sobjectsreceiver`]: 'v0.156.0',
  [`${contrib}/receiver/httpcheckreceiver`]: 'v0.152.0',
  [`${contrib}/receiver/tcpcheckreceiver`]: 'v0.144.0',
  [`${contrib}/receiver/tlscheckreceiver`]: 'v0.144.0',
  [`${contrib}/extension/k8sleaderelector`]: 'v0.152.0',
  [`${contrib}/pkg/stanza`]: 'v0.160.0',
};

/** The components that the roles use. */
const used = [
  'go.opentelemetry.io/collector/receiver/otlpreceiver',
  'go.opentelemetry.io/collector/exporter/otlpexporter',
  'go.opentelemetry.io/collector/processor/memorylimiterprocessor',
  'go.opentelemetry.io/collector/connector/forwardconnector',
  ...[
    'receiver/filelogreceiver',
    'receiver/hostmetricsreceiver',
    'receiver/kubeletstatsreceiver',
    'receiver/k8sclusterreceiver',
    'receiver/k8seventsreceiver',
    'receiver/k8sobjectsreceiver',
    'receiver/httpcheckreceiver',
    'receiver/tcpcheckreceiver',
    'receiver/tlscheckreceiver',
    'receiver/prometheusreceiver',
  ],
  ...['processor/resourceprocessor', 'processor/filterprocessor', 'processor/transformprocessor', 'exporter/clickhouseexporter'],
  ...['extension/healthcheckextension', 'extension/storage/filestorage', 'extension/k8sleaderelector', 'pkg/stanza'],
  'extension/bearertokenauthextension',
].map((name) => (name.startsWith('go.') ? name : `${contrib}/${name}`));

/** The version that is built: of a `replace` line, or of a `require` line. */
function built(goMod: string, module: string): string | undefined {
  const name = module.replaceAll('.', '\\.');
  return (
    new RegExp(`^\\s*(?:replace )?${name}(?: v\\S+)? => ${name} (v\\S+)`, 'm').exec(goMod)?.[1] ??
    new RegExp(`^\\s*(?:require )?${name} (v\\S+)`, 'm').exec(goMod)?.[1]
  );
}

test.each(used)('the collector that is proven has the shipped version of %s, or a named exception', (module) => {
  expect(built(recipe('otelcol'), module)).toBe(older[module] ?? `v${shippedImages.collector.tag}`);
});

test('the Kubernetes that types come from is the one that judges the YAML', () => {
  const [, types] =
    /const version = '(v[\d.]+)'/.exec(readFileSync(join(__dirname, '../../imports/generate-kubernetes.mjs'), 'utf8')) ?? [];
  expect(types).toBe(built(recipe('kubernetes'), 'k8s.io/kubernetes'));
});

test('the archive that the README mirrors is of the shipped plugin', () => {
  const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');
  const archives = [...readme.matchAll(/[\w-]+-datasource-[\d.]+\d(?=\.zip)/g)].map(([name]) => name);
  expect(archives).toEqual([`${clickHousePlugin.id}-${clickHousePlugin.version}`]);
});

test('runbooks are those of this release', () => {
  const { version, repository } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8'));
  expect(release).toBe(`v${version}`);
  expect(runbooks).toBe(`${repository.url.replace(/\.git$/, '')}/blob/v${version}/docs/runbooks`);
});
