import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import fc from 'fast-check';
import {
  type Check,
  checkProps,
  duration,
  instance,
  integer,
  kubernetesName,
  list,
  oneOf,
  required,
  size,
  struct,
  text,
  wholeSeconds,
} from '../../lib/kubernetes/checks';
import { imageReference } from '../../lib/kubernetes/images';
import { problemReport } from '../../lib/kubernetes/problems';
import { quantity, resourcesBetween } from '../../lib/kubernetes/resources';
import { secretKey } from '../../lib/kubernetes/secret-key';

interface Example {
  readonly replicas?: number;
  readonly name: string;
  readonly hosts?: string[];
}

const checks = { replicas: integer(1, 9), name: required(kubernetesName(10)), hosts: list(text()) };
const report = (props: unknown) => problemReport('Example test/Example', checkProps(props as Example, checks));

test('one error names every problem: where, what was given, what is allowed', () => {
  expect(report({ replicas: 0, name: 'No_Good', hosts: ['a', 1], replica: 3 })).toBe(
    [
      'Example test/Example: 4 problems',
      '  replica: given a property that does not exist; did you mean `replicas`?',
      '  replicas: given 0; allowed: a whole number from 1 to 9',
      "  name: given \"No_Good\"; allowed: 1 to 10 lower-case letters, digits and '-', a letter first, no '-' last",
      '  hosts[1]: given 1; allowed: a text of 1 to 253 characters without line breaks',
    ].join('\n'),
  );
});

test('a list says what is to be in it', () => {
  const allowed = (check: Check) => check('x', 'at')[0].allowed;
  expect(allowed(list(instance('a Sink', 'bind'), { min: 1 }))).toBe('a list of at least one Sink');
  expect(allowed(list(instance('a Sink', 'bind'), { min: 2 }))).toBe('a list of at least two, each a Sink');
  expect(allowed(list(instance('a Sink', 'bind')))).toBe('a list, each a Sink');
  expect(allowed(list(oneOf({ A: 'logs', B: 'traces' }), { min: 1 }))).toBe("a list of at least one, each: 'logs', 'traces'");
  expect(allowed(list(struct({ host: text() }), { min: 1 }))).toBe('a list of at least one object with `host`');
  expect(allowed(list(() => [], { min: 1 }))).toBe('a list of at least one');
});

test('what is required and missing is a problem, what is optional and missing is none', () => {
  expect(report({})).toContain('name: given nothing; allowed: a value: it is required');
  expect(checkProps({ name: 'a' } as Example, checks)).toEqual([]);
});

test.each([null, 'text', 7, ['a']])('props that are no object: %p', (props) => {
  expect(report(props)).toContain('allowed: an object with `replicas`, `name`, `hosts`');
});

test('whatever is given, a check answers with problems and never throws', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), fc.anything(), (replicas, name, hosts) => {
      const found = checkProps({ replicas, name, hosts } as unknown as Example, checks);
      expect(found.every((problem) => problem.given.length < 120)).toBe(true);
    }),
  );
});

test('durations and sizes have bounds, and fractions are no error', () => {
  const aMinuteToADay = duration(Duration.minutes(1), Duration.days(1));
  expect(aMinuteToADay(Duration.seconds(90), 'x')).toEqual([]);
  expect(aMinuteToADay(Duration.seconds(59), 'x')).toEqual([
    { where: 'x', given: '59 seconds', allowed: 'a Duration from 1 minute to 1 day', fix: undefined },
  ]);
  expect(aMinuteToADay(3600, 'x')).toHaveLength(1);
  expect(size(Size.mebibytes(1), Size.gibibytes(1))(Size.kibibytes(1500), 'x')).toEqual([]);
  expect(size(Size.mebibytes(1), Size.gibibytes(1))(Size.tebibytes(1), 'x')).toHaveLength(1);
});

test('where only whole seconds can be said, no others are taken', () => {
  const check = wholeSeconds(Duration.seconds(1), Duration.days(1));
  expect([Duration.seconds(1), Duration.millis(3000), Duration.days(1)].flatMap((of) => check(of, 'x'))).toEqual([]);
  expect(check(Duration.millis(1500), 'x')[0].allowed).toBe('a Duration of whole seconds from 1 second to 1 day');
  expect([Duration.millis(500), Duration.days(2), 60].flatMap((of) => check(of, 'x'))).toHaveLength(3);
});

test('resources are typed quantities', () => {
  const check = resourcesBetween(Size.mebibytes(128), Size.tebibytes(1));
  expect(check({ cpu: Cpu.millis(500), memory: Size.gibibytes(1) }, 'resources')).toEqual([]);
  expect(check({ cpu: 2, memory: '1Gi' }, 'resources').map(({ where }) => where)).toEqual(['resources.cpu', 'resources.memory']);
  expect(check({ cpu: Cpu.units(1000), memory: Size.gibibytes(1) }, 'resources')[0].given).toBe('1000');
  expect(quantity(Size.mebibytes(1536))).toBe('1536Mi');
  expect(quantity(Size.mebibytes(2048))).toBe('2Gi');
});

test('a secret is never text', () => {
  expect(secretKey('hunter2', 'token')[0].given).toBe('a text (a secret is never text here)');
});

test.each(['nginx', 'nginx:latest', 'nginx:latest@sha256:12', 'a b:1', ''])('no image: %p', (image) => {
  expect(imageReference(image, 'image')).toHaveLength(1);
});

test.each(['nginx:1.29', 'registry.example:5000/a/b:1.0', `ghcr.io/a/b@sha256:${'a'.repeat(64)}`])('an image: %p', (image) => {
  expect(imageReference(image, 'image')).toEqual([]);
});
