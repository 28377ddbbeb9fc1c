import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestsOf } from '../examples/examples';
import { root } from './source-files';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const [, commands] = /^## First install\n.*?^```sh\n(.*?)^```/ms.exec(readme) ?? [];
const folder = mkdtempSync(join(tmpdir(), 'first-install-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is written instead of the cluster's answer: the arguments, each in angle brackets. */
const kubectl = `kubectl() { printf '<%s>' "$@"; printf '\\n'; }`;

test("the README waits for the smoke test of this configuration, and not for those of former ones: by the Job's name", () => {
  const file = join(root, 'examples/quickstart/observability.k8s.yaml');
  mkdirSync(join(folder, 'dist'));
  cpSync(file, join(folder, 'dist/observability.k8s.yaml'));
  const lines = commands.split('\n').filter((line) => /^job=|\$job/.test(line));
  const [wait, logs] = execFileSync('sh', ['-euc', [kubectl, ...lines].join('\n')], { cwd: folder, encoding: 'utf8' }).split('\n');
  const jobs = manifestsOf({ file: readFileSync(file, 'utf8') }).filter(
    ({ kind, metadata }) => kind === 'Job' && metadata.labels['app.kubernetes.io/instance'] === 'smoke-test',
  );
  expect(jobs).toHaveLength(1);
  const job = `<job/${jobs[0].metadata.name}>`;
  expect(wait).toBe(`<wait><-n><observability><--for=condition=complete>${job}<--timeout=10m>`);
  expect(logs).toBe(`<logs><-n><observability>${job}<--tail=-1>`);
});
