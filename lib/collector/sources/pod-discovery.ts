import type { Endpoint } from '../../kubernetes/endpoint';
import { ConfigValue } from '../config-value';

/** Which pods are found. */
export interface PodDiscovery {
  /** What the network is opened to. */
  readonly reached: Endpoint;
  /** In these, or in all. */
  readonly namespaces?: readonly string[];
  /** With these labels, or any. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The API server sends only the pods that are selected. */
export function podDiscovery({ reached, namespaces, labels }: PodDiscovery, ofOwnNode: boolean) {
  const label = labels && Object.entries(labels).map((pair) => pair.join('='));
  const selector = {
    ...(label?.length ? { label: label.join(',') } : {}),
    ...(ofOwnNode ? { field: ConfigValue.concat('spec.nodeName=', ConfigValue.podField('K8S_NODE_NAME', 'spec.nodeName')) } : {}),
  };
  return {
    role: ConfigValue.reaching('pod', reached),
    ...(namespaces ? { namespaces: { names: namespaces } } : {}),
    ...(Object.keys(selector).length > 0 ? { selectors: [{ role: 'pod', ...selector }] } : {}),
  };
}
