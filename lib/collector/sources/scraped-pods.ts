import { type Check, integer, kubernetesName, labelKey, labelValue, list, record, struct } from '../../kubernetes/checks';
import { type Endpoint, Reach } from '../../kubernetes/endpoint';
import type { Problem } from '../../kubernetes/problems';
import type { PodDiscovery } from './pod-discovery';
import { podsAtPort, runningPods } from './pod-targets';
import type { RelabelRule } from './scraping';

/** Pods that a job asks, each at one port: its number or its name. */
export interface ScrapedPods {
  /**
   * The namespaces that they are in.
   * @default - any
   */
  readonly namespaces?: string[];
  /**
   * Labels that each of them has.
   * @default - any
   */
  readonly labels?: Record<string, string>;
  /**
   * The number of the port, whether the pod declares it or not.
   * @default - by its name
   */
  readonly port?: number;
  /**
   * The name of the port, as a container declares it.
   * @default - by its number
   */
  readonly portName?: string;
}

/** What is found, and what the network is opened to. Pods on the network of their node are named by no selector: their way has to be open already. */
export function discoveryOf(job: string, { namespaces, labels, port }: ScrapedPods): PodDiscovery {
  const reach = Reach._labelled(namespaces ?? [undefined], labels ?? {}, port === undefined);
  const reached: Endpoint = { host: `pods of the job ${job}`, port: port ?? 0, reach };
  return { reached, namespaces, labels };
}

/** Each pod at its port, once, however many ports and containers it declares. */
export function podRules({ port, portName }: ScrapedPods): RelabelRule[] {
  return port === undefined
    ? [runningPods, { source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: portName, action: 'keep' }]
    : podsAtPort(port);
}

/** Claimed as `namespace/label=value,…`: pods that no other source has to scrape. */
export function claimsOf({ namespaces = ['*'], labels = {} }: ScrapedPods): string[] {
  const selected = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return selected.length > 0 ? namespaces.map((namespace) => `${namespace}/${selected.join(',')}`) : [];
}

export function podProblems({ port, portName }: ScrapedPods): Problem[] {
  return (port === undefined) === (portName === undefined)
    ? [{ where: 'pods', given: port === undefined ? 'no port' : '`port` and `portName`', allowed: 'one of `port` and `portName`' }]
    : [];
}

export const scrapedPodsCheck: Check = struct<ScrapedPods>({
  namespaces: list(kubernetesName(), { min: 1 }),
  labels: record(labelValue, labelKey),
  port: integer(1, 65_535),
  portName: kubernetesName(15),
});
