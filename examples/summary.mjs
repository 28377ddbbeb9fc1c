// Says in a few lines what a folder of manifests holds: node examples/summary.mjs dist
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const folder = process.argv[2];
const workloads = ['StatefulSet', 'DaemonSet', 'Deployment', 'Job', 'CronJob'];

for (const file of readdirSync(folder).sort()) {
  const text = readFileSync(join(folder, file), 'utf8');
  const objects = parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter(Boolean);
  console.log(`\n${join(folder, file)}: ${objects.length} objects, ${Math.ceil(text.length / 1024)} KiB`);
  for (const kind of workloads) {
    for (const { metadata, spec } of objects.filter((object) => object.kind === kind)) {
      const replicas = spec.replicas === undefined ? '' : ` × ${spec.replicas}`;
      console.log(`  ${kind} ${metadata.namespace}/${metadata.name}${replicas}`);
    }
  }
  console.log(`  and ${others(objects)}`);
}

function others(objects) {
  const counts = new Map();
  for (const { kind } of objects.filter((object) => !workloads.includes(object.kind))) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .sort()
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}
