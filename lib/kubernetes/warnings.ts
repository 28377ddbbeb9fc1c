import type { IConstruct } from 'constructs';

const metadataType = 'cdk8s-observability:warning';
const announced = new WeakSet<IConstruct>();

/**
 * A warning says what was done and why it may not be what was meant. It lives in the construct's metadata, never in the YAML; synth prints each once to stderr.
 * @param message or what answers with one, where constructs that are made later decide whether there is any
 */
export function warn(construct: IConstruct, message: string | (() => string | undefined)): void {
  construct.node.addMetadata(metadataType, message);
  announceAtSynth(construct.node.root);
}

/** All warnings at and below a construct, in the order of the tree, each with the path of its construct. */
export function warningsOf(construct: IConstruct): string[] {
  return construct.node.findAll().flatMap((child) =>
    child.node.metadata
      .filter((entry) => entry.type === metadataType)
      .map(({ data }) => (typeof data === 'function' ? data() : data))
      .flatMap((message) => (message === undefined ? [] : `${child.node.path}: ${message}`)),
  );
}

function announceAtSynth(root: IConstruct): void {
  if (announced.has(root)) {
    return;
  }
  announced.add(root);
  const printed = new Set<string>();
  root.node.addValidation({
    validate: () => {
      for (const warning of warningsOf(root).filter((text) => !printed.has(text))) {
        printed.add(warning);
        process.stderr.write(`warning: ${warning}\n`);
      }
      return [];
    },
  });
}
