/**
 * What Grafana and its ClickHouse plugin do to SQL before it reaches the store, written from their documentation, for the macros that this library uses. Only for tests.
 * An unknown macro or variable is an error here; the real plugin would leave it in the SQL.
 */
export interface Range {
  /** Seconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** Seconds of an interval. */
  readonly interval?: number;
  readonly variables?: Record<string, string | string[]>;
}

export function expand(sql: string, range: Range): string {
  return expandMacros(replaceVariables(sql, range.variables ?? {}), range);
}

/** `${name:percentencode}`, in the way of Grafana: everything but letters, digits and `-_.~` is encoded, several values come as `{a,b}`. */
function replaceVariables(sql: string, variables: Record<string, string | string[]>): string {
  return sql.replace(/\$\{(\w+)(?::(\w+))?\}/g, (whole, name, format) => {
    const value = variables[name];
    if (value === undefined || format !== 'percentencode') {
      throw new Error(`${whole}: no such variable, or another format`);
    }
    return encode(Array.isArray(value) ? `{${value.join(',')}}` : value);
  });
}

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

function expandMacros(sql: string, { from, to, interval = 60 }: Range): string {
  const [start, end] = [`toDateTime(${from})`, `toDateTime(${to})`];
  return sql.replace(/\$__(\w+)(?:\((\w+)\))?/g, (whole, name, column) => {
    switch (name) {
      case 'fromTime':
        return start;
      case 'toTime':
        return end;
      case 'interval_s':
        return String(interval);
      case 'timeInterval':
        return `toStartOfInterval(toDateTime(${column}), INTERVAL ${interval} second)`;
      case 'timeFilter':
        return `${column} >= ${start} AND ${column} <= ${end}`;
      default:
        throw new Error(`${whole}: no macro of this library`);
    }
  });
}
