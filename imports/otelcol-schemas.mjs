// Reads config.schema.yaml of the modules that the tested collector is built from, and makes shapes of them: what a field may hold.
//
// A shape is one of
//   'text' | 'boolean' | 'integer' | 'number' | 'duration' | 'any'
//   { list: shape } | { map: shape } | { oneOf: [text, …] } | { ref: name }
//   { either: [shape, …] } | { by: field, of: { value: name of a definition } }
//   { fields: { name: { shape, doc?, required? } }, open?: other fields may stand there too }
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { definitions as without } from './otelcol-definitions.mjs';
import { overlay } from './otelcol-overlay.mjs';

const contrib = 'github.com/open-telemetry/opentelemetry-collector-contrib';
const core = 'go.opentelemetry.io/collector';
const collectorModule = fileURLToPath(new URL('../test/real/parts/otelcol/', import.meta.url));

/** The version of each module of the tested collector, replacements applied. */
const versions = (() => {
  const go = JSON.parse(execFileSync('go', ['mod', 'edit', '-json'], { cwd: collectorModule, encoding: 'utf8' }));
  const required = go.Require.map(({ Path, Version }) => [Path, Version]);
  const replaced = (go.Replace ?? []).map(({ Old, New }) => [Old.Path, New.Version]);
  return new Map([...required, ...replaced]);
})();

const folders = new Map();

/** Where a module lies, at the version that the tested collector has. */
function folderOf(module) {
  if (!folders.has(module)) {
    const download = ['mod', 'download', '-json', `${module}@${versions.get(module)}`];
    folders.set(module, JSON.parse(execFileSync('go', download, { cwd: '/', encoding: 'utf8' })).Dir);
  }
  return folders.get(module);
}

/** The modules of the tested collector's components, with the kind of each and what its metadata.yaml calls it. */
export function componentModules() {
  const manifest = parse(readFileSync(join(collectorModule, 'manifest.yaml'), 'utf8'));
  return ['receiver', 'processor', 'exporter', 'connector', 'extension'].flatMap((kind) =>
    manifest[`${kind}s`].map(({ gomod }) => {
      const [module, version] = gomod.split(' ');
      const { type, deprecated_type: alias, status } = parse(readFileSync(join(folderOf(module), 'metadata.yaml'), 'utf8'));
      return { kind, module, version, type, alias, signals: Object.values(status.stability).flat() };
    }),
  );
}

const schemas = new Map();

/** The schema of a package, by its Go path; undefined if it has none. */
function schemaOf(path) {
  if (!schemas.has(path)) {
    const file = packageFile(path, 'config.schema.yaml');
    schemas.set(path, file && parse(readFileSync(file, 'utf8')));
  }
  return schemas.get(path);
}

/** A file of a package, by the package's Go path; undefined if it has none of that name. */
function packageFile(path, name) {
  const [module] = [...versions.keys()]
    .filter((known) => path === known || path.startsWith(`${known}/`))
    .sort((a, b) => b.length - a.length);
  const file = module && join(folderOf(module), path.slice(module.length), name);
  return file && existsSync(file) ? file : undefined;
}

/**
 * The shape of a component, or of another package. What it can switch on and off stands in its metadata.yaml, and only the most of it in the schema.
 */
export function packageShape(path) {
  const schema = schemaOf(path);
  const { fields = {} } = schema ? shapeOf(schema, path) : {};
  return { fields: { ...fields, ...toggles(path) } };
}

/** The shape of `path.definition`. */
function definitionShape(reference) {
  const dot = reference.lastIndexOf('.');
  return definition({ path: reference.slice(0, dot), name: reference.slice(dot + 1) });
}

const switched = { enabled: 'boolean' };
const filters = { list: { ref: 'Filter' } };
const plain = (given) => ({ fields: Object.fromEntries(Object.entries(given).map(([name, shape]) => [name, { shape }])) });

/** Settings of a metric, an event, an attribute of resources. Which attributes may be left of a metric is not held. */
const toggleDefinitions = {
  MetricToggle: plain({
    ...switched,
    aggregation_strategy: { oneOf: ['sum', 'avg', 'min', 'max'] },
    attributes: { list: 'text' },
  }),
  Toggle: plain(switched),
  ResourceAttributeToggle: plain({ ...switched, metrics_include: filters, metrics_exclude: filters }),
  EventAttributeToggle: plain({
    ...switched,
    override_value: 'any',
    ...{ metrics_include: filters, metrics_exclude: filters, events_include: filters, events_exclude: filters },
  }),
};

/** Shapes that several components have, by name. */
export const definitions = new Map(Object.entries({ ...toggleDefinitions, ...without }));

/** Entries of the overlay that nothing was found for. */
export const unused = new Set(overlay);

function toggles(path) {
  const { metrics, events, resource_attributes: attributes } = metadataOf(path) ?? {};
  const known = schemaOf(`${path}/internal/metadata`)?.$defs?.metrics_config?.properties ?? {};
  const all = (given, definition) => ({
    shape: { fields: Object.fromEntries(Object.keys(given).map((name) => [name, { shape: { ref: definition(name) } }])) },
  });
  // A metric that has attributes can be added up over them, where the receiver does that for any.
  const addsUp = Object.values(known).some((metric) => metric.properties.attributes);
  // Names with a version are of conventions to come.
  const adds = (name) =>
    known[name] || name.includes('@') ? known[name]?.properties.attributes : addsUp && metrics[name].attributes?.length > 0;
  return {
    ...(metrics && { metrics: all(metrics, (name) => (adds(name) ? 'MetricToggle' : 'Toggle')) }),
    ...(events && { events: all(events, () => 'Toggle') }),
    ...(attributes &&
      (metrics || events) && { resource_attributes: all(attributes, () => (events ? 'EventAttributeToggle' : 'ResourceAttributeToggle')) }),
  };
}

/** A shape with what the overlay says of it. */
export function mended(shape, name) {
  const entries = overlay.filter(({ of }) => (of instanceof RegExp ? of.test(name) : of === name));
  let now = shape;
  for (const entry of entries) {
    unused.delete(entry);
    now = entry.shape ?? (now.fields ? mendedFields(now, entry, name) : inUnits(now, entry));
  }
  return now;
}

function mendedFields(shape, entry, name) {
  const fields = Object.assign({}, shape.fields, ...(entry.squash ?? []).map((part) => objectOf(part).fields));
  for (const field of entry.without ?? []) {
    delete fields[field];
  }
  for (const [field, given] of Object.entries(entry.fields ?? {})) {
    fields[field] = { ...fields[field], shape: given };
  }
  for (const field of entry.required ?? []) {
    if (!fields[field]) {
      throw new Error(`${name} has no field ${field}, which the overlay requires`);
    }
    fields[field] = { ...fields[field], required: true };
  }
  for (const [field, given] of Object.entries(fields)) {
    fields[field] = { ...given, shape: inUnits(given.shape, entry) };
  }
  return { ...shape, fields, ...(entry.open && { open: true }) };
}

/** Durations as the entry of the overlay counts them. */
function inUnits(shape, { durations }) {
  return durations && shape === 'duration' ? durations : shape;
}

/** The fields that a reference leads to. */
export function objectOf(shape) {
  if (shape.schema) {
    return /\/[^/]*\.[^/]*$/.test(shape.schema) ? objectOf(definitionShape(shape.schema)) : packageShape(shape.schema);
  }
  return shape.ref ? definitions.get(shape.ref) : shape;
}

function metadataOf(path) {
  const file = packageFile(path, 'metadata.yaml');
  return file && parse(readFileSync(file, 'utf8'));
}

/** `REF` as it stands in the schema of the package `path`: a definition of its own, of a folder below, of the same repository, or of any package. */
function resolve(ref, path) {
  const dot = ref.lastIndexOf('.');
  if (!ref.includes('/')) {
    return { path, name: ref };
  }
  const [where, name] = [ref.slice(0, dot), ref.slice(dot + 1)];
  if (where.startsWith('./')) {
    return { path: `${path}/${where.slice(2)}`, name };
  }
  return { path: where.startsWith('/') ? `${path.startsWith(core) ? core : contrib}${where}` : where, name };
}

/** The name of a definition: of the type in Go, where two packages of one name are told apart by the folder above. */
function definitionName({ path, name }) {
  const pascal = (text) =>
    text
      .split(/[^a-zA-Z0-9]+/)
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join('');
  const parts = path
    .replace(contrib, '')
    .replace(core, '')
    .split('/')
    .filter(
      (part) =>
        part &&
        !['internal', 'pkg', 'config', 'receiver', 'processor', 'exporter', 'connector', 'extension', 'operator', 'input'].includes(part),
    );
  return (
    parts.map((part) => pascal(part.replace(/(receiver|processor|exporter|connector|extension)$/, ''))).join('') +
    pascal(name === 'config' ? '' : name)
  );
}

function definition(target) {
  const schema = schemaOf(target.path);
  // The whole schema of a package is its `config`, where no definition has that name.
  const found = schema?.$defs?.[target.name] ?? (target.name === 'config' && (schema?.properties || schema?.allOf) ? schema : undefined);
  // A type without a schema may hold anything, if the overlay says no more.
  if (!found) {
    return 'any';
  }
  if (found.$ref) {
    return shapeOf(found, target.path);
  }
  const name = definitionName(target);
  if (!definitions.has(name)) {
    definitions.set(name, undefined);
    definitions.set(name, mended(shapeOf(found, target.path), name));
  }
  const shape = definitions.get(name);
  return shape === undefined || shape.fields ? { ref: name } : shape;
}

const scalars = { string: 'text', boolean: 'boolean', bool: 'boolean', integer: 'integer', number: 'number' };

/** The shape that a schema says, in the package `path`. */
function shapeOf(schema, path) {
  if (schema.$ref) {
    const target = resolve(schema.$ref, path);
    // Texts that the collector does not print: there is no schema of this package.
    return target.path === `${core}/config/configopaque` && target.name === 'string' ? 'text' : definition(target);
  }
  if (schema.enum) {
    return { oneOf: schema.enum };
  }
  if (schema.format === 'duration') {
    return 'duration';
  }
  if (schema.type === 'array') {
    return { list: schema.items ? shapeOf(schema.items, path) : 'any' };
  }
  if (scalars[schema.type]) {
    return scalars[schema.type];
  }
  const squashed = (schema.allOf ?? []).map((part) => fieldsOf(shapeOf(part, path)));
  if (schema.properties || squashed.length > 0) {
    const own = Object.entries(schema.properties ?? {}).map(([name, property]) => [
      name,
      { shape: shapeOf(property, path), ...(property.description && { doc: property.description }) },
    ]);
    return { fields: Object.assign({}, ...squashed, Object.fromEntries(own)) };
  }
  if (schema.additionalProperties) {
    return { map: shapeOf(schema.additionalProperties, path) };
  }
  return 'any';
}

function fieldsOf(shape) {
  const known = shape.ref ? definitions.get(shape.ref) : shape;
  return known?.fields ?? {};
}

/** Modules and versions that were read. */
export const readModules = () => [...folders.keys()].sort().map((module) => `${module} ${versions.get(module)}`);
