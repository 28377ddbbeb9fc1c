import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Testing } from 'cdk8s';
import { parse } from 'yaml';
import { ObservabilityChart } from '../../lib';
import { shippedImages } from '../../lib/kubernetes/images';
import type { TargetAllocatorOptions } from '../../lib/prometheus-agent/target-allocator';
import type { Manifest } from '../laws/manifests';
import type { AuditedRequest } from '../real/harness/control-plane';
import { grantedTo, rightOf } from '../real/rights';

// What the real program did with the rendered configuration: see test/real/target-allocator-recording.ts.
const recorded = JSON.parse(readFileSync(join(__dirname, '../fixtures/recorded/target-allocator.json'), 'utf8'));
const name = 'prometheus-agent-target-allocator';

const rendered = (targetAllocator: TargetAllocatorOptions): Manifest[] =>
  Testing.synth(
    new ObservabilityChart(Testing.app(), 'observability', { clusterName: 'prod-eu', prometheusAgent: { shards: 2, targetAllocator } }),
  );

/** Paths of all that is said, without the values. */
const fields = (value: unknown, path = ''): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, item]) => fields(item, Array.isArray(value) ? `${path}[]` : `${path}.${key}`))
    : [path];

test('no field is written that the real allocator has not read, and the version is the one that was run', () => {
  const told = parse(
    rendered({}).find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name)?.data['targetallocator.yaml'],
  );
  expect(new Set(fields(told))).toEqual(new Set(fields(parse(recorded.configuration))));
  expect(recorded.version).toBe(shippedImages.targetAllocator.tag);
});

test.each<[string, TargetAllocatorOptions, AuditedRequest[]]>([
  ['everywhere', {}, recorded.requests],
  ['in one namespace', { namespaces: ['shop'] }, recorded.inOneNamespace.requests],
])('its rights %s are what it used, and it was refused Secrets alone', (_, options, requests) => {
  // What every account may ask.
  const asked = requests.filter(({ resource, nonResourceUrl }) => resource !== 'selfsubjectaccessreviews' && !nonResourceUrl);
  const used = asked.filter(({ code }) => code === 200).map(rightOf);
  expect(new Set(used)).toEqual(new Set(grantedTo(rendered(options), name)));
  const refused = asked.filter(({ code }) => code !== 200).map((request) => `${rightOf(request)} of ${request.namespace}`);
  expect(new Set(refused)).toEqual(new Set(['get /secrets of shop', 'watch /secrets of observability']));
});

test('monitors that need a Secret or a file of the collector are left out, and said to be', () => {
  const jobs = Object.keys(recorded.answers['/scrape_configs']);
  expect(jobs.filter((job) => /locked|thief/.test(job))).toEqual([]);
  expect(recorded.log).toContainEqual(expect.stringMatching(/^warn: skipping object: shop\/locked: .* secrets "login" is forbidden/));
  expect(recorded.log).toContainEqual(
    expect.stringMatching(/^warn: dropping scrape config that references arbitrary file path: serviceMonitor\/shop\/thief/),
  );
});

test('it finds in one namespace what it finds everywhere', () => {
  expect(recorded.inOneNamespace.jobs).toEqual(Object.keys(recorded.answers['/jobs']));
});
