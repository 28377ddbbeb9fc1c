import { type Duration, type Size, SizeRoundingBehavior } from 'cdk8s';
import { distance } from 'fastest-levenshtein';
import { type Problem, shown, throwIfAny } from './problems';

/**
 * Judges one property. Types are judged too, as users of plain JavaScript and of other jsii languages have no compiler in front of them.
 * `undefined` never reaches a check: whether a property is required is said by `required`.
 */
export interface Check {
  (value: unknown, where: string): Problem[];
  readonly isRequired?: boolean;
}

/** A check for every property of `P`: one that is missing here does not compile. */
export type Checks<P> = { readonly [K in keyof Required<P>]: Check };

/** Checks every property, and reports properties that do not exist with the nearest name that does. */
export function checkProps<P extends object>(props: P, checks: Checks<P>, at = ''): Problem[] {
  if (typeof props !== 'object' || props === null || Array.isArray(props)) {
    return [{ where: at || 'props', given: shown(props), allowed: `an object with ${listed(Object.keys(checks))}` }];
  }
  const path = (name: string) => (at ? `${at}.${name}` : name);
  const unknown = Object.keys(props)
    .filter((name) => !(name in checks) && (props as Record<string, unknown>)[name] !== undefined)
    .map((name) => ({ where: path(name), given: 'a property that does not exist', allowed: nearest(name, Object.keys(checks)) }));
  const wrong = Object.entries<Check>(checks as Record<string, Check>).flatMap(([name, check]) => {
    const value = (props as Record<string, unknown>)[name];
    if (value !== undefined) {
      return check(value, path(name));
    }
    return check.isRequired ? [{ where: path(name), given: 'nothing', allowed: 'a value: it is required' }] : [];
  });
  return [...unknown, ...wrong];
}

/** For factories: throws all that is wrong with what one was given. */
export function refuse<P extends object>(subject: string, props: P, checks: Checks<P>): void {
  throwIfAny(subject, checkProps(props, checks));
}

/** "did you mean" for one name, or the whole list where nothing is near. */
export function nearest(name: string, names: readonly string[]): string {
  const near = names.filter(
    (candidate) => distance(name.toLowerCase(), candidate.toLowerCase()) <= Math.max(2, Math.floor(name.length / 4)),
  );
  return near.length > 0 ? `did you mean ${listed(near)}?` : listed(names);
}

function listed(names: readonly string[]): string {
  const shownNames = names.slice(0, 40).map((name) => `\`${name}\``);
  const more = names.length > shownNames.length ? ` and ${names.length - shownNames.length} more` : '';
  return names.length === 0 ? 'no properties' : `${shownNames.join(', ')}${more}`;
}

export const required = (check: Check): Check =>
  Object.assign((value: unknown, where: string) => check(value, where), { isRequired: true });

function rule(allowed: string, holds: (value: unknown) => boolean, fix?: string): Check {
  return (value, where) => (holds(value) ? [] : [{ where, given: shown(value), allowed, fix }]);
}

export const boolean = rule('true or false', (value) => typeof value === 'boolean');

export function text(options: { readonly max?: number; readonly pattern?: RegExp; readonly allowed?: string } = {}): Check {
  const max = options.max ?? 253;
  return rule(
    options.allowed ?? `a text of 1 to ${max} characters without line breaks`,
    (value) =>
      typeof value === 'string' &&
      value.trim().length > 0 &&
      value.length <= max &&
      !/[\r\n\0]/.test(value) &&
      (options.pattern?.test(value) ?? true),
  );
}

export function integer(min: number, max: number): Check {
  return rule(
    `a whole number from ${min} to ${max}`,
    (value) => typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max,
  );
}

export function number(min: number, max: number): Check {
  return rule(`a number from ${min} to ${max}`, (value) => typeof value === 'number' && value >= min && value <= max);
}

export function oneOf(values: Record<string, string>): Check {
  return rule(
    Object.values(values)
      .map((value) => `'${value}'`)
      .join(', '),
    (value) => Object.values(values).includes(value as string),
  );
}

/** A DNS label (RFC 1123), what names of Services, namespaces and containers have to be. */
export function kubernetesName(max = 63): Check {
  return text({
    max,
    pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
    allowed: `1 to ${max} lower-case letters, digits and '-', a letter first, no '-' last`,
  });
}

/** A DNS subdomain (RFC 1123), what names of Secrets, storage classes and priority classes have to be. */
export const objectName = text({
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  allowed: "1 to 253 lower-case letters, digits, '-' and '.', a letter or digit first and last",
});

/** A value that can be a Kubernetes label and an attribute of telemetry alike. */
export const labelValue = text({
  max: 63,
  pattern: /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
  allowed: "1 to 63 letters, digits, '-', '_' and '.', a letter or digit first and last",
});

/** A value of a Kubernetes label, which may be empty. */
export const labelValueOrNone: Check = (value, where) => (value === '' ? [] : labelValue(value, where));

/** The key of a Kubernetes label: a name, perhaps behind a domain. */
export const labelKey = text({
  max: 317,
  pattern: /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
  allowed: "the key of a label: 1 to 63 letters, digits, '-', '_' and '.', perhaps behind `domain/`",
});

export function duration(min: Duration, max: Duration): Check {
  return rule(`a Duration from ${min.toHumanString()} to ${max.toHumanString()}`, (value) => {
    const millis = milliseconds(value);
    return millis !== undefined && millis >= min.toMilliseconds() && millis <= max.toMilliseconds();
  });
}

/** The same, where nothing smaller than a second can be said. */
export function wholeSeconds(min: Duration, max: Duration): Check {
  const within = duration(min, max);
  return rule(
    `a Duration of whole seconds from ${min.toHumanString()} to ${max.toHumanString()}`,
    (value) => within(value, '').length === 0 && (milliseconds(value) ?? 0) % 1000 === 0,
  );
}

function milliseconds(value: unknown): number | undefined {
  return typeof (value as Duration)?.toMilliseconds === 'function' ? (value as Duration).toMilliseconds({ integral: false }) : undefined;
}

export function size(min: Size, max: Size): Check {
  const kib = (of: Size) => of.toKibibytes({ rounding: SizeRoundingBehavior.NONE });
  return rule(
    `a Size from ${min.asString()} to ${max.asString()}`,
    (value) => typeof (value as Size)?.toKibibytes === 'function' && kib(value as Size) >= kib(min) && kib(value as Size) <= kib(max),
  );
}

/** An instance of a class of ours or of cdk8s, or of a class derived from it; `members` are what it is known by (two copies of a package in one program have two classes). */
export function instance(allowed: string, ...members: string[]): Check {
  return rule(allowed, (value) => typeof value === 'object' && value !== null && members.every((member) => member in value));
}

export function list(check: Check, options: { readonly min?: number } = {}): Check {
  return (value, where) => {
    if (!Array.isArray(value) || value.length < (options.min ?? 0)) {
      return [{ where, given: shown(value), allowed: listOf(check, options.min ?? 0) }];
    }
    return value.flatMap((item, index) =>
      item === undefined ? [{ where: `${where}[${index}]`, given: 'undefined', allowed: 'a value' }] : check(item, `${where}[${index}]`),
    );
  };
}

/** In the words of the check of its items: `a list of at least one Source`. */
function listOf(check: Check, min: number): string {
  const [item] = check(null, '').map(({ allowed }) => allowed);
  const much = min > 0 ? `a list of at least ${['', 'one', 'two'][min] ?? min}` : 'a list';
  if (item === undefined) {
    return much;
  }
  const one = /^an? /.exec(item);
  return min === 1 && one ? `${much} ${item.slice(one[0].length)}` : `${much}, each${one ? '' : ':'} ${item}`;
}

export function record(check: Check, key: Check = text()): Check {
  return (value, where) => {
    // A Date, a Map: objects without names, which no YAML holds.
    if (Object.prototype.toString.call(value) !== '[object Object]') {
      return [{ where, given: shown(value), allowed: 'an object of names and values' }];
    }
    return Object.entries(value as object).flatMap(([name, item]) => [
      ...key(name, `${where} (the name)`),
      ...check(item, `${where}.${name}`),
    ]);
  };
}

export function struct<P extends object>(checks: Checks<P>): Check {
  return (value, where) => checkProps(value as P, checks, where);
}
