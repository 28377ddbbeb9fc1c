import { type SourceFile, withoutComments } from './source-files';

/** Something that code may say nowhere in lib/, or only in the files named, each with its reason. */
export interface Rule {
  readonly forbidden: RegExp;
  /**
   * The folder that it is about.
   * @default 'lib'
   */
  readonly in?: string;
  /** Files that may say it, and why. */
  readonly only?: Record<string, string>;
  /** Programs that break the rule. */
  readonly bad: readonly string[];
}

export const rules: Record<string, Rule> = {
  'one place creates Kubernetes objects': {
    forbidden: /\bnew ApiObject\(|\bkplus\.k8s\b|\bnew Kube[A-Z]/,
    only: { 'lib/kubernetes/object.ts': 'checks the type, refuses a second object of one name, keeps every field patchable' },
    bad: ["new ApiObject(this, 'Resource', { apiVersion: 'v1', kind: 'Secret' });", "new KubeSecret(this, 'Resource');"],
  },
  'one place spells the recommended labels': {
    forbidden: /\bapp\.kubernetes\.io\//,
    only: { 'lib/kubernetes/labels.ts': 'the selector without the version, the labels with it' },
    bad: ["const labels = { 'app.kubernetes.io/name': 'x' };"],
  },
  'one place spells the labels of Pod Security': {
    forbidden: /\bpod-security\.kubernetes\.io\//,
    only: { 'lib/kubernetes/namespace.ts': 'makes namespaces' },
    bad: ["const labels = { 'pod-security.kubernetes.io/enforce': 'baseline' };"],
  },
  'one place names images': {
    forbidden: /['"`](docker\.io|ghcr\.io|quay\.io|gcr\.io|registry\.k8s\.io)\//,
    only: { 'lib/kubernetes/images.ts': 'what is proven together ships together, and a mirror has one list' },
    bad: ["const image = 'docker.io/grafana/grafana:13';", 'const image = `ghcr.io/x/y:${tag}`;'],
  },
  'one place writes XML': {
    forbidden: /<\//,
    only: { 'lib/clickhouse/configuration/password-hashes.ts': 'the hashes are computed, and written as XML, in the pod' },
    bad: ["const text = '<port>' + port + '</port>';"],
  },
  'one place a format writes YAML': {
    forbidden: /\bfrom ['"]yaml['"]/,
    only: {
      'lib/collector/rendering.ts': 'configurations of collectors',
      'lib/prometheus-agent/target-allocation.ts': 'the configuration of the target allocator, which replaces nothing in its texts',
      'lib/grafana/files/provisioning-file.ts':
        'provisioning of Grafana, which replaces `$` in its texts: they are quoted and escaped in one way',
      'lib/cli/credentials.ts': 'Secrets for kubectl, and reading what was synthesized',
    },
    bad: ["import { stringify } from 'yaml'; export const file = stringify({});"],
  },
  'one place writes files of Grafana': {
    in: 'lib/grafana',
    forbidden: /\bJSON\.stringify\b/,
    only: { 'lib/grafana/files/provisioning-file.ts': 'dashboards are JSON in which nothing is interpolated, on one line' },
    bad: ['const file = JSON.stringify(dashboard);'],
  },
  'one place writes warnings': {
    forbidden: /\bconsole\.|\bprocess\.std(out|err)\b/,
    only: {
      'lib/kubernetes/warnings.ts': 'prints each warning once, at synth',
      'lib/cli/main.ts': 'the program of the command line',
    },
    bad: ["console.warn('careful');", "process.stderr.write('careful');"],
  },
  'synthesis knows no clock': {
    forbidden: /\bDate\.now\b|\bnew Date\b|\bperformance\.|\bhrtime\b/,
    bad: ['const now = Date.now();', 'const now = new Date();', 'const now = new Date;', 'performance.now();'],
  },
  'synthesis knows no chance': {
    forbidden: /\bMath\.random\b|\brandom(Bytes|Int|UUID|FillSync|Fill)\b|\bgetRandomValues\b/,
    only: { 'lib/cli/credentials.ts': 'makes random passwords, at nobody’s synth' },
    bad: ['Math.random();', "import { randomUUID } from 'node:crypto'; export const id = randomUUID();"],
  },
  'synthesis reads neither environment nor machine': {
    forbidden: /\bprocess\.(?!stderr\b)|\brequire\(|\bfetch\(|\b__dirname\b|\bglobalThis\b/,
    only: { 'lib/cli/main.ts': 'the program of the command line' },
    bad: ['const region = process.env.REGION;', 'process.cwd();', "require('os').cpus();", "fetch('https://example.org');"],
  },
  'synthesis does not depend on the language of the machine': {
    forbidden: /\blocaleCompare\b|\btoLocale\w*\(|\bIntl\./,
    bad: ['names.sort((a, b) => a.localeCompare(b));', '(1234).toLocaleString();', "new Intl.NumberFormat('en');"],
  },
};

/** The files that break a rule. */
export function breaks(rule: Rule, files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => path.startsWith(`${rule.in ?? 'lib'}/`) && !rule.only?.[path])
    .filter(({ text }) => rule.forbidden.test(text) && rule.forbidden.test(withoutComments(text)))
    .map(({ path }) => path);
}

export const lineLimit = 400;

export function tooLong(files: readonly SourceFile[]): string[] {
  return files
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > lineLimit)
    .map(({ path, lines }) => `${path}: ${lines} lines`);
}

/** What is left for later belongs into an issue; a path of one machine belongs nowhere. */
const unfinished = /\bTO[D]O\b|\bFIX[M]E\b|\bXX[X]\b|(?<![\w.}])\/(work|home)\/|\.\.\/shar[e]d\b/;

export function unfinishedIn(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (unfinished.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
}

/** Where one file should do a thing that another does too, the folder is given a name of its own. */
const nameless = /(^|[/.-])(utils?|helpers?|common|manager|misc)([/.-]|$)/i;

export function namelessIn(files: readonly SourceFile[]): string[] {
  return files.filter(({ path }) => nameless.test(path)).map(({ path }) => path);
}
