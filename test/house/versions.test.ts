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
  'connector/failoverconnector': 'v0.152.0',
  'connector/routingconnector': 'v0.157.0',
  'connector/servicegraphconnector': 'v0.158.0',
  'exporter/awss3exporter': 'v0.158.0',
  'extension/headerssetterextension': 'v0.158.0',
  'extension/k8sleaderelector': 'v0.152.0',
  'pkg/kafka/configkafka': 'v0.160.0',
  'pkg/stanza': 'v0.160.0',
  'processor/logdedupprocessor': 'v0.149.0',
  'processor/resourcedetectionprocessor': 'v0.160.0',
  'receiver/httpcheckreceiver': 'v0.152.0',
  'receiver/k8seventsreceiver': 'v0.145.0',
  'receiver/k8sobjectsreceiver': 'v0.156.0',
  'receiver/nginxreceiver': 'v0.158.0',
  'receiver/postgresqlreceiver': 'v0.157.0',
  'receiver/tcpcheckreceiver': 'v0.144.0',
  'receiver/tlscheckreceiver': 'v0.144.0',
};

/** Stable, and so numbered apart from the others. */
const numbered: Record<string, string> = { 'processor/k8sattributesprocessor': 'v1.0.0' };

/** The version that is built: of a `replace` line, or of a `require` line. */
function built(goMod: string, module: string): string | undefined {
  const name = module.replaceAll('.', '\\.');
  return (
    new RegExp(`^\\s*(?:replace )?${name}(?: v\\S+)? => ${name} (v\\S+)`, 'm').exec(goMod)?.[1] ??
    new RegExp(`^\\s*(?:require )?${name} (v\\S+)`, 'm').exec(goMod)?.[1]
  );
}

test('each component of the collector that is proven has the shipped version, or is a named exception', () => {
  const goMod = recipe('otelcol');
  const kinds = '(?:connector|exporter|extension|processor|receiver)/\\S+|pkg/stanza|pkg/kafka/configkafka';
  const modules = [...goMod.matchAll(new RegExp(`^\\s+(?:${contrib}|go\\.opentelemetry\\.io/collector)/(${kinds}) v\\S+(.*)$`, 'gm'))];
  // What components share is their own choice; those parts of it are named that read their configuration.
  const components = modules
    .filter(([, name, comment]) => name.startsWith('pkg/') || !comment.includes('indirect'))
    .map(([line, name]) => [line.trim().split(' ')[0], name]);
  expect(components.length).toBeGreaterThan(50);
  const others = components
    .map(([module, name]) => [name, built(goMod, module)])
    .filter(([, version]) => version !== `v${shippedImages.collector.tag}`);
  expect(Object.fromEntries(others)).toEqual({ ...older, ...numbered });
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
