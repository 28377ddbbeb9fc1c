import { all } from './sql';

/** Chosen where a variable allows several values. */
export const allValues = '*';

/** A severity's name, by the ranges of OpenTelemetry. */
export const severityName =
  "multiIf(SeverityNumber >= 21, 'fatal', SeverityNumber >= 17, 'error', SeverityNumber >= 13, 'warn', SeverityNumber >= 9, 'info', SeverityNumber >= 5, 'debug', SeverityNumber >= 1, 'trace', 'unknown')";

export const severities = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'unknown'];

/**
 * The value of a variable. Grafana encodes everything that is not a letter, a digit or one of `-_.~`, so no value, whoever put it into a link, can end the text that it
 * stands in; Grafana's own quoting leaves backslashes as they are, and ClickHouse reads those. Constant to the engine, so it prunes like a text.
 */
const variable = (name: string): string => `decodeURLComponent('\${${name}:percentencode}')`;

/** Several chosen values come as `{one,two}`. */
function oneOfChosen(name: string, expression: string): string {
  const chosen = `splitByChar(',', trim(BOTH '{}' FROM ${variable(name)}))`;
  return `(has(${chosen}, '${allValues}') OR ${expression} IN ${chosen})`;
}

/** By the index of words first: they have to be whole, as only these are indexed, and what holds a digit is not. */
const words = `arrayFilter(word -> NOT match(word, '[0-9]'), tokens(lower(${variable('search')}), 'splitByNonAlpha'))`;

/** What a dashboard can be narrowed down to. */
const conditions = {
  cluster: `Cluster = ${variable('cluster')}`,
  namespace: oneOfChosen('namespace', 'Namespace'),
  service: oneOfChosen('service', 'ServiceName'),
  severity: oneOfChosen('severity', severityName),
  search: `(${variable('search')} = '' OR hasAll(BodyWords, ${words}) AND position(lower(Body), lower(${variable('search')})) > 0)`,
};

export type VariableName = keyof typeof conditions;

/** Rows that fit what was chosen in the dashboard. */
export const filtered = (...names: readonly VariableName[]): string | undefined =>
  names.length > 0 ? all(...names.map((name) => conditions[name])) : undefined;
