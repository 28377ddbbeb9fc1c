/**
 * Grafana replaces `$NAME`, `${NAME}` and `$__env{NAME}` in most texts of its provisioning files by the environment, and `$$` by `$`. What is unset becomes nothing,
 * silently: the commonest cause of a label, template or password that arrives broken. So each text says here what it is, and none is written by hand.
 * @see https://grafana.com/docs/grafana/latest/administration/provisioning/#using-environment-variables
 */

/** The value of an environment variable. Without braces: Grafana expands the braced forms twice, and so breaks values that hold a `$` themselves. */
export class EnvironmentReference {
  constructor(readonly variable: string) {}

  toJSON(): string {
    return `$${this.variable}`;
  }
}

/** A text that has to arrive as it is, where Grafana interpolates. */
export const literal = (text: string): string => text.replaceAll('$', '$$$$');

/** The same for all texts of a tree; references to the environment stay references. */
export function literals(value: unknown): unknown {
  if (typeof value === 'string') {
    return literal(value);
  }
  if (value instanceof EnvironmentReference || typeof value !== 'object' || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(literals);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, literals(item)]));
}
