import type { IConstruct } from 'constructs';

const type = 'cdk8s-observability:warning';

/** A warning says what was done and why it may not be what was meant. It lives in the construct's metadata, never in the YAML. */
export function warn(construct: IConstruct, message: string): void {
  construct.node.addMetadata(type, message);
}

/** All warnings at and below a construct, in the order of the tree, each with the path of its construct. */
export function warningsOf(construct: IConstruct): string[] {
  return construct.node
    .findAll()
    .flatMap((child) => child.node.metadata.filter((entry) => entry.type === type).map((entry) => `${child.node.path}: ${entry.data}`));
}
