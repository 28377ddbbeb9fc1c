// Words for shapes that are written by hand: see otelcol-schemas.mjs.

export const text = 'text';
export const flag = 'boolean';
export const fields = (given, required = []) => ({
  fields: Object.fromEntries(
    Object.entries(given).map(([name, shape]) => [name, { shape, ...(required.includes(name) && { required: true }) }]),
  ),
});
export const ref = (name) => ({ ref: name });
export const list = (of) => ({ list: of });
export const map = (of) => ({ map: of });
export const oneOf = (...values) => ({ oneOf: values });
export const either = (...shapes) => ({ either: shapes });

/** `10MiB`, or a number of bytes. */
export const bytes = either('integer', text);
const contrib = 'github.com/open-telemetry/opentelemetry-collector-contrib';
export const schema = (path) => ({ schema: `${contrib}/${path}` });
export const errorMode = oneOf('ignore', 'silent', 'propagate');
export const ottlContext = oneOf('resource', 'scope', 'span', 'spanevent', 'metric', 'datapoint', 'log', 'profile');
export const matchType = oneOf('strict', 'regexp');

/** What every scraping receiver has. */
export const controller = { schema: 'go.opentelemetry.io/collector/scraper/scraperhelper.controller_config' };
