#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { credentials } from './credentials';

const usage = `cdk8s-observability credentials DIR [--show]

  Prints Secrets with random values for what the YAML in DIR refers to and does not hold:

    npx cdk8s-observability credentials dist | kubectl apply -f -

  What only a person can know is listed on stderr. Nothing is written to disk.
  --show   print to a terminal too, where the values stay in its history
`;

/** @returns the exit code */
export function run(argv: readonly string[], terminal: boolean, out: (text: string) => void, err: (text: string) => void): number {
  try {
    const { positionals, values } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { show: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      out(usage);
      return 0;
    }
    if (positionals.length !== 2 || positionals[0] !== 'credentials') {
      err(usage);
      return 2;
    }
    if (terminal && !values.show) {
      err('Not printed: this is a terminal, and the values are secret. Pipe them: … | kubectl apply -f -, or say --show.\n');
      return 1;
    }
    const { manifests, notes } = credentials(positionals[1]);
    out(manifests);
    err(notes);
    return 0;
  } catch (error) {
    err(`cdk8s-observability: ${(error as Error).message}\n`);
    return 1;
  }
}

if (require.main === module) {
  process.exitCode = run(
    process.argv.slice(2),
    process.stdout.isTTY ?? false,
    (text) => process.stdout.write(text),
    (text) => process.stderr.write(text),
  );
}
