/**
 * What a real collector gets beside its synthesized configuration, as further `--config` files: all of it, each with its reason.
 * Paths, environment, secrets and arguments are those of the pod: see container.ts.
 */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface OverlayInput {
  readonly config: Json;
  /** The pod's ports, and the free ports of this machine that stand for them. */
  readonly ports: ReadonlyMap<number, number>;
  /** Hosts and ports of the cluster, and where they are on this machine. */
  readonly addresses: ReadonlyMap<string, string>;
}

export interface Overlay {
  readonly name: string;
  readonly reason: string;
  of(input: OverlayInput): Json | undefined;
}

export const overlays: readonly Overlay[] = [
  {
    name: 'listeners',
    reason: 'a pod has an address of its own; here all collectors share the loopback, so each listens on free ports of it',
    of: ({ config, ports }) =>
      onlySections(['receivers', 'extensions'], config, (text, key) => {
        const listens = key === 'endpoint' || key === 'listen_address';
        const port = listens && /^(?:0\.0\.0\.0|\[::\]|localhost|127\.0\.0\.1)?:(\d+)$/.exec(text)?.[1];
        return port ? `127.0.0.1:${mapped(ports, Number(port))}` : text;
      }),
  },
  {
    name: 'addresses',
    reason:
      'there is no cluster DNS and no Service here: a name and port of the cluster become those of the part that stands on the loopback',
    of: ({ config, ports, addresses }) =>
      onlySections(['exporters', 'service'], config, (text) => {
        let result = text;
        for (const [from, to] of [...addresses, ...[...ports].map(([pod, here]) => [`localhost:${pod}`, `127.0.0.1:${here}`] as const)]) {
          result = result.replace(new RegExp(`(?<![\\w.-])${from.replaceAll('.', '\\.')}(?!\\d)`), to);
        }
        const left = /[\w-]+(\.[\w-]+)*\.svc(\.[\w.-]+)?:\d+/.exec(result);
        if (left) {
          throw new Error(`the configuration connects to ${left[0]}: say where that is, in 'addresses'`);
        }
        return result;
      }),
  },
  {
    name: 'own-metrics',
    reason:
      "as of the listeners above; a collector's own metrics have host and port apart, and their list is merged as a whole, so that this one leaves out the one that sends",
    of: ({ config, ports }) => {
      const readers = (config as Config).service?.telemetry?.metrics?.readers?.filter(({ pull }) => pull) ?? [];
      const asked = readers.map(() => ({ pull: { exporter: { prometheus: { host: '127.0.0.1', port: mapped(ports, 8888) } } } }));
      return asked.length > 0 ? { service: { telemetry: { metrics: { readers: asked } } } } : undefined;
    },
  },
];

interface Config {
  readonly service?: { readonly telemetry?: { readonly metrics?: { readonly readers?: { readonly pull?: Json }[] } } };
}

function mapped(ports: ReadonlyMap<number, number>, port: number): number {
  const here = ports.get(port);
  if (here === undefined) {
    throw new Error(`the configuration listens on ${port}, which is no port of the container: ${[...ports.keys()].join(', ')}`);
  }
  return here;
}

type Change = (text: string, key: string) => string;

function onlySections(sections: string[], config: Json, change: Change): Json | undefined {
  const all = config as Record<string, Json>;
  return differences(Object.fromEntries(sections.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]]))), change, '');
}

/** The part of a value that a change touches. A list is merged as a whole, so it is there as a whole. */
function differences(value: Json, change: Change, key: string): Json | undefined {
  if (typeof value === 'string') {
    const changed = change(value, key);
    return changed === value ? undefined : changed;
  }
  if (Array.isArray(value)) {
    return value.some((item) => differences(item, change, key) !== undefined)
      ? value.map((item) => replaced(item, change, key))
      : undefined;
  }
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const entries = Object.entries(value).flatMap(([name, item]) => {
    const different = differences(item, change, name);
    return different === undefined ? [] : [[name, different] as const];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function replaced(value: Json, change: Change, key: string): Json {
  if (typeof value === 'string') {
    return change(value, key);
  }
  if (Array.isArray(value)) {
    return value.map((item) => replaced(item, change, key));
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replaced(item, change, name)]))
    : value;
}
