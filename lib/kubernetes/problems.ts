import { Duration, Size } from 'cdk8s';
import type { Construct } from 'constructs';

/** One thing that is wrong with what a construct was given. */
export interface Problem {
  /** The property, as a path: `retention.logs`. */
  readonly where: string;
  readonly given: string;
  readonly allowed: string;
  /** What to do, where `allowed` does not say it already. */
  readonly fix?: string;
  /** The error that it comes from, for its stack. */
  readonly cause?: unknown;
}

/** Collects everything that is wrong with one construct, so that its user sees all of it at once and no YAML. */
export class Problems {
  private readonly found: Problem[] = [];

  /** What is wrong with a construct. */
  static of(construct: Construct): Problems {
    return new Problems(`${construct.constructor.name} ${construct.node.path}`);
  }

  /** The same before the construct exists: for subclasses, whose base class wants right properties. */
  static ofNew(className: string, scope: Construct, id: string): Problems {
    return new Problems(`${className} ${scope.node.path ? `${scope.node.path}/` : ''}${id}`);
  }

  private constructor(private readonly subject: string) {}

  add(...problems: Problem[]): void {
    this.found.push(...problems);
  }

  throwIfAny(): void {
    throwIfAny(this.subject, this.found);
  }
}

/** Throws all that is wrong, where something is. */
export function throwIfAny(subject: string, problems: readonly Problem[]): void {
  if (problems.length > 0) {
    const cause = problems.find((problem) => problem.cause)?.cause;
    throw new Error(problemReport(subject, problems), cause ? { cause } : {});
  }
}

/** The text of an error: the subject, then a line a problem. */
export function problemReport(subject: string, problems: readonly Problem[]): string {
  const lines = problems.map(({ where, given, allowed, fix }) => {
    const way = allowed.startsWith('did you mean') ? allowed : `allowed: ${allowed}`;
    return `  ${where}: given ${given}; ${way}${fix ? `. ${fix}` : ''}`;
  });
  return `${subject}: ${problems.length === 1 ? '1 problem' : `${problems.length} problems`}\n${lines.join('\n')}`;
}

/** How a value given by a user is shown in an error: short, and never a whole object. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > 60 ? `"${value.slice(0, 57)}…" (${value.length} characters)` : JSON.stringify(value);
  }
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    return String(value);
  }
  if (Array.isArray(value)) {
    return `a list of ${value.length}`;
  }
  if (typeof value === 'function') {
    return 'a function';
  }
  if (value instanceof Duration || value instanceof Size) {
    return value instanceof Duration ? value.toHumanString() : value.asString();
  }
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  return name && name !== 'Object' ? `a ${name}` : 'an object';
}
