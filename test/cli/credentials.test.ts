import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { run } from '../../lib/cli/main';

const manifests = `
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: clickhouse
  namespace: observability
  annotations: { cdk8s-observability/random-secrets: "clickhouse-admin/password\\nclickhouse-writer/password" }
spec:
  template:
    spec:
      containers:
        - env:
            - { name: A, valueFrom: { secretKeyRef: { name: clickhouse-admin, key: password } } }
            - { name: B, valueFrom: { secretKeyRef: { name: pagerduty, key: integration-key } } }
            - { name: C, valueFrom: { secretKeyRef: { name: nice-to-have, key: x, optional: true } } }
            - { name: D, valueFrom: { secretKeyRef: { name: held, key: x } } }
      volumes:
        - { name: tls, secret: { secretName: grafana-tls } }
        - { name: both, projected: { sources: [{ secret: { name: clickhouse-writer, items: [{ key: password, path: writer }] } }] } }
---
apiVersion: v1
kind: Secret
metadata: { name: held, namespace: observability }
stringData: { x: y }
`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'manifests-'));
  writeFileSync(join(directory, 'stack.k8s.yaml'), manifests);
});
afterEach(() => rmSync(directory, { recursive: true }));

function credentials(args: string[] = ['credentials', directory], terminal = false) {
  let out = '';
  let err = '';
  const code = run(
    args,
    terminal,
    (text) => (out += text),
    (text) => (err += text),
  );
  return { code, out, err };
}

test('makes what is referred to and not there, random each time and immutable', () => {
  const secrets = parseAllDocuments(credentials().out).map((document) => document.toJS());
  expect(secrets.map(({ kind, metadata, immutable, stringData }) => [kind, metadata, immutable, Object.keys(stringData)])).toEqual([
    ['Secret', { name: 'clickhouse-admin', namespace: 'observability' }, true, ['password']],
    ['Secret', { name: 'clickhouse-writer', namespace: 'observability' }, true, ['password']],
  ]);
  const passwords = [...secrets, ...parseAllDocuments(credentials().out).map((document) => document.toJS())].map(
    ({ stringData }) => stringData.password,
  );
  expect(passwords.every((password) => /^[A-Za-z0-9]{40}$/.test(password))).toBe(true);
  expect(new Set(passwords).size).toBe(4);
});

test('lists what only a person knows, with the command to give it', () => {
  expect(credentials().err).toBe(
    [
      '2 Secrets made: observability/clickhouse-admin, observability/clickhouse-writer',
      'Only you know what belongs into these; the pods that read them wait until they are there:',
      '  kubectl create secret generic grafana-tls -n observability --from-literal=KEY=…',
      '  kubectl create secret generic pagerduty -n observability --from-literal=integration-key=…',
      '',
    ].join('\n'),
  );
});

test('a token that two namespaces hold has one value, which is said; one whose owner is not here is for a person to copy', () => {
  const workload = (namespace: string, random: string, secret: string) => `
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: node-agent, namespace: ${namespace}, annotations: { cdk8s-observability/random-secrets: "${random}" } }
spec: { containers: [{ env: [{ valueFrom: { secretKeyRef: { name: ${secret}, key: token } } }] }] }
`;
  const shared = [workload('a', 'gateway/token', 'gateway'), workload('b', 'gateway/token@a', 'gateway')];
  writeFileSync(
    join(directory, 'stack.k8s.yaml'),
    [...shared, workload('c', 'gateway/token@elsewhere', 'gateway'), workload('d', 'other/token', 'other')].join(''),
  );
  const { out, err } = credentials();
  const secrets = parseAllDocuments(out).map((document) => document.toJS());
  expect(secrets.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(['a/gateway', 'b/gateway', 'd/other']);
  const [a, b, other] = secrets.map(({ stringData }) => stringData.token);
  expect(b).toBe(a);
  expect(other).not.toBe(a);
  expect(err).toContain(
    'a/gateway and b/gateway hold one value: if one is refused because it is there already, delete all of them first\n',
  );
  expect(err).toContain('kubectl create secret generic gateway -n c --from-literal=token=…\n');
});

test('what cert-manager makes is nobody’s to bring; certificates are files', () => {
  const pod = (secret: string) => `
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: collector, namespace: a }
spec: { volumes: [{ secret: { secretName: ${secret}, items: [{ key: tls.crt }, { key: tls.key }] } }] }
`;
  const certificate =
    '\n---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: { name: x, namespace: a }\nspec: { secretName: asked-for }\n';
  writeFileSync(join(directory, 'stack.k8s.yaml'), `${pod('asked-for')}${certificate}${pod('brought')}`);
  expect(credentials().err).toContain('  kubectl create secret generic brought -n a --from-file=tls.crt=… --from-file=tls.key=…\n');
  expect(credentials().err).not.toContain('asked-for');
});

test('prints no secret on a terminal unless told to', () => {
  expect(credentials(undefined, true)).toMatchObject({ code: 1, out: '' });
  expect(credentials(['credentials', directory, '--show'], true).out).toContain('stringData');
});

test('writes nothing to disk', () => {
  credentials();
  expect(readdirSync(directory)).toEqual(['stack.k8s.yaml']);
});

test.each([[[]], [['credentials']], [['credential', 'dist']]])('says how it is called: %p', (args) => {
  expect(credentials(args)).toMatchObject({ code: 2, out: '' });
});

test('a folder without YAML, or with broken YAML, is one clear error', () => {
  writeFileSync(join(directory, 'stack.k8s.yaml'), 'a: [');
  expect(credentials().err).toMatch(/^cdk8s-observability: stack.k8s.yaml: /);
  rmSync(join(directory, 'stack.k8s.yaml'));
  expect(credentials().err).toContain('holds no YAML: run `cdk8s synth` first');
  writeFileSync(join(directory, 'cdk8s.yaml'), 'language: typescript\n---\njust text\n');
  expect(credentials()).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('holds YAML and no Kubernetes objects: run `cdk8s synth`'),
  });
  expect(credentials(['credentials', join(directory, 'dist')]).err).toContain('dist is not there: run `cdk8s synth` first');
  expect(credentials(['credentials', join(directory, 'cdk8s.yaml')]).err).toContain('cdk8s.yaml is no folder: run `cdk8s synth` first');
});
