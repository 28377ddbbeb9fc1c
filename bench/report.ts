import { cpus } from 'node:os';
import type { Contender } from './contenders';
import { median } from './measured';

export interface Used {
  readonly cpuSeconds: number;
  readonly mebibytes: number;
}

/** One way of all lines through an agent and a gateway. */
export interface Run {
  readonly seconds: number;
  readonly gateway: Used;
  readonly agent: Used;
}

const thousands = (value: number) => Math.round(value).toLocaleString('en-US');
const ratio = (value: number, of: number) => `${(value / of).toFixed(2)}`;

/** The page of docs/: everything on it comes from one run. */
export function report(runs: ReadonlyMap<Contender, readonly Run[]>, lines: number): string {
  const all = [...runs.values()].flat();
  const rounds = all.length / runs.size;
  const of = (measured: readonly Run[]) => ({
    aCore: median(measured.map(({ gateway }) => lines / gateway.cpuSeconds)),
    mebibytes: median(measured.map(({ gateway }) => gateway.mebibytes)),
    aSecond: median(measured.map(({ seconds }) => lines / seconds)),
  });
  const first = of([...runs.values()][0]);
  const rows = [...runs].map(([{ name, settings }, measured]) => {
    const { aCore, mebibytes, aSecond } = of(measured);
    const cells = [
      ratio(aCore, first.aCore),
      ratio(mebibytes, first.mebibytes),
      ratio(aSecond, first.aSecond),
      thousands(aCore),
      thousands(mebibytes),
      thousands(aSecond),
    ];
    return `| ${name} | ${settings} | ${cells.join(' | ')} |`;
  });
  const agentCore = thousands(median(all.map(({ agent }) => lines / agent.cpuSeconds)));
  const agentMemory = thousands(median(all.map(({ agent }) => agent.mebibytes)));
  return `# Benchmarks

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}, on a machine with ${cpus().length} cores that others used at the same time. **Read the ratios**; the absolute figures are this machine's.
${thousands(lines)} log lines of about 150 bytes in 20 files go through the node agent and one gateway into the store; each gateway ${rounds} times, in turns; medians.

## The gateway

| gateway | how it keeps, batches and inserts | rows a second a core, ratio | memory, ratio | rows a second, ratio | rows a second a core | peak MiB | rows a second |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

- A core is a second of the gateway's own CPU time. Rows a second are those of the whole way, agent and store on the same cores: it says what a way through this gateway takes, not what it can.
- All four are one program, with the same receivers, Kubernetes attributes, memory limits, tables and senders. Of the peers' gateways it is the published settings of delivery that are measured, not their own builds: ClickStack's from \`docker/otel-collector\` of hyperdxio/hyperdx at b52a6fa, SigNoz' from \`charts/signoz/values.yaml\` of SigNoz/charts at 6752234, with the exporter of the contrib collector in place of its own.
- What the figures do not show: the peers' gateways answer a sender when its records are in their memory. When such a gateway ends, or the store is away for longer than its retries and its queue last, they are gone. See [when senders are answered](guides/gateway.md#when-senders-are-answered).
- The store is the embedded engine behind an HTTP front, not a ClickHouse server.

## The node agent

${agentCore} lines a second a core, with ${agentMemory} MiB at most: reading files, finding what the runtime wrote, severity, Kubernetes attributes, and sending by OTLP. Its start is in it.
`;
}
