import { type Check, list, oneOf, struct, text } from '../../kubernetes/checks';
import { shown } from '../../kubernetes/problems';
import { type ContainerSelection, containerNames, listed } from '../logs/container-selection';
import { re2Pattern } from '../logs/pattern';
import { attribute, isOneOf, matches, ottlText } from './ottl';

/** How severe a log record is. */
export enum LogSeverity {
  /** What happens step by step. */
  TRACE = 'TRACE',
  /** For who looks for a mistake. */
  DEBUG = 'DEBUG',
  /** What is usual. */
  INFO = 'INFO',
  /** What may lead to an error. */
  WARN = 'WARN',
  /** What failed. */
  ERROR = 'ERROR',
  /** What ended the program. */
  FATAL = 'FATAL',
}

/** Which records are meant: those to which all applies that is given. In names `*` stands for any characters and `?` for one. */
export interface LogSelection extends ContainerSelection {
  /**
   * Less severe than this. Records without a severity are not.
   * @default - any
   */
  readonly below?: LogSeverity;
  /**
   * Names of services (`service.name`).
   * @default - any
   */
  readonly services?: string[];
  /**
   * A regular expression of RE2 that the body matches somewhere.
   * @default - any
   */
  readonly body?: string;
  /**
   * Values of attributes of the record.
   * @default - any
   */
  readonly attributes?: { readonly [name: string]: string };
}

/** Which spans are meant: those to which all applies that is given. In names `*` stands for any characters and `?` for one. */
export interface SpanSelection extends ContainerSelection {
  /**
   * Names of spans.
   * @default - any
   */
  readonly names?: string[];
  /**
   * Names of services (`service.name`).
   * @default - any
   */
  readonly services?: string[];
  /**
   * Values of attributes of the span.
   * @default - any
   */
  readonly attributes?: { readonly [name: string]: string };
}

const names = list(text({ max: 1024 }), { min: 1 });

const attributeValues: Check = (value, where) => {
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  return entries.length > 0 && entries.every(([name, wanted]) => name !== '' && typeof wanted === 'string')
    ? []
    : [{ where, given: shown(value), allowed: "names and texts, e.g. { 'http.route': '/healthz' }" }];
};

/** A choice without a property would mean everything. */
export const meaningSomething = (check: Check): Check =>
  Object.assign(
    (value: unknown, where: string) => {
      const problems = check(value, where);
      return problems.length > 0 || Object.values(value as object).some((part) => part !== undefined)
        ? problems
        : [{ where, given: 'nothing that selects', allowed: 'one property or more' }];
    },
    { isRequired: check.isRequired },
  );

const logChecks = { ...containerNames, below: oneOf(LogSeverity), services: names, body: re2Pattern(), attributes: attributeValues };
const spanChecks = { ...containerNames, names, services: names, attributes: attributeValues };

export const logSelection = meaningSomething(struct<LogSelection>(logChecks));
export const spanSelection = meaningSomething(struct<SpanSelection>(spanChecks));

/** Conditions of OTTL, all of which have to hold. */
export function logConditions({ below, body, attributes, ...of }: LogSelection): string[] {
  return [
    ...ofResource(of),
    ...(below ? [`log.severity_number > 0 and log.severity_number < SEVERITY_NUMBER_${below}`] : []),
    ...(body ? [matches('log.body', body)] : []),
    ...ofAttributes('log', attributes),
  ];
}

export function spanConditions({ names: spans, attributes, ...of }: SpanSelection): string[] {
  return [...ofResource(of), ...(spans ? [isOneOf('span.name', spans)] : []), ...ofAttributes('span', attributes)];
}

const ofAttributes = (context: string, values: LogSelection['attributes'] = {}) =>
  Object.entries(values).map(([name, value]) => `${attribute(context, name)} == ${ottlText(value)}`);

function ofResource({ namespaces, pods, containers, services }: ContainerSelection & { readonly services?: string[] }): string[] {
  const lists = {
    'k8s.namespace.name': namespaces,
    'k8s.pod.name': pods,
    'k8s.container.name': containers,
    'service.name': services,
  };
  return Object.entries(lists).flatMap(([name, of]) => (of ? [isOneOf(attribute('resource', name), listed(of))] : []));
}
