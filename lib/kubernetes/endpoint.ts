import type { INetworkPolicyPeer } from 'cdk8s-plus-27';
import type { NetworkPolicyPeer } from '../../imports/kubernetes';
import { boolean, type Check, instance, integer, list, refuse, required, struct, text } from './checks';
import { namespaceNameLabel, selectorLabels, type WorkloadIdentity } from './labels';
import { shown } from './problems';
import { type SecretKey, secretKey } from './secret-key';

/** An address that others connect to. */
export interface Endpoint {
  /** A DNS name or an address. */
  readonly host: string;
  /** The TCP port. */
  readonly port: number;
  /**
   * Whether the connection is encrypted.
   * @default false
   */
  readonly tls?: boolean;
  /**
   * The certificate authority that the server's certificate is checked against.
   * @default - the system's authorities
   */
  readonly caCertificate?: SecretKey;
  /**
   * The name that the certificate of a gateway is checked for.
   * @default - the host
   */
  readonly serverName?: string;
  /** Who answers there, in the words that a NetworkPolicy has. */
  readonly reach: Reach;
}

/** What a NetworkPolicy can say about who answers at an address. No selector can name the API server, the kubelet or pods on the host network. */
export class Reach {
  /**
   * Pods: of this library, or any that cdk8s-plus can select.
   * @throws if it is no such peer
   */
  static pods(peer: INetworkPolicyPeer): Reach {
    refuse('Reach.pods', { peer }, { peer: required(peerCheck) });
    return new Reach(fromPeer(peer));
  }

  /**
   * Addresses, e.g. `10.1.0.0/16`.
   * @throws if there are none, or one is no range of addresses
   */
  static cidrs(...cidrs: string[]): Reach {
    refuse('Reach.cidrs', { cidrs }, { cidrs: list(cidr, { min: 1 }) });
    return new Reach(cidrs.map((cidr) => ({ ipBlock: { cidr } })));
  }

  /** The Kubernetes API server: its address is not known at synth, so any address on its usual ports, 443 and 6443. */
  static apiServer(): Reach {
    return new Reach(undefined, [443, 6443]);
  }

  /** Nodes: the kubelet, pods on the host network. Their addresses are not known at synth, so any address on the endpoint's port. */
  static nodes(): Reach {
    return new Reach(undefined);
  }

  /** Anywhere: cloud services. */
  static anywhere(): Reach {
    return new Reach(undefined);
  }

  /** @internal Whatever discovery finds: any address, on any TCP port. */
  static _discovered(): Reach {
    return new Reach(undefined, []);
  }

  /** @internal Pods by their labels, in these namespaces or in all; on any TCP port where none is known. */
  static _labelled(namespaces: readonly (string | undefined)[], matchLabels: Record<string, string>, anyPort: boolean): Reach {
    return new Reach(
      namespaces.map((namespace) => peerOf(namespace, matchLabels)),
      anyPort ? [] : undefined,
    );
  }

  /**
   * @internal A workload of this library, by name: no construct has to exist. One without policies of its own stays open:
   * a policy that lets somebody in would close it to all others.
   */
  static _workload(identity: WorkloadIdentity, isolated: boolean): Reach {
    return new Reach([peerOf(identity.namespace, selectorLabels(identity))], undefined, isolated ? identity : undefined, identity);
  }

  private constructor(
    /** @internal `undefined`: any address. */
    readonly _peers?: NetworkPolicyPeer[],
    /** @internal Ports to open instead of the endpoint's own; none named: all. */
    readonly _ports?: number[],
    /** @internal Known for isolated workloads of this library: the server's side needs a policy too. */
    readonly _server?: WorkloadIdentity,
    /** @internal Known for workloads of this library: whose pods answer. */
    readonly _pods?: WorkloadIdentity,
  ) {}
}

/** @internal Pods by labels; of any namespace where none is known. */
export function peerOf(namespace: string | undefined, matchLabels: Record<string, string>): NetworkPolicyPeer {
  return { namespaceSelector: namespace ? { matchLabels: { [namespaceNameLabel]: namespace } } : {}, podSelector: { matchLabels } };
}

/** @internal All pods of a namespace. */
export const ofNamespace = (namespace: string): NetworkPolicyPeer => ({
  namespaceSelector: { matchLabels: { [namespaceNameLabel]: namespace } },
});

/** @internal What cdk8s-plus says about a peer, as plain data. */
export function fromPeer(peer: INetworkPolicyPeer): NetworkPolicyPeer[] {
  const { ipBlock, podSelector } = peer.toNetworkPolicyPeerConfig();
  if (ipBlock) {
    return [{ ipBlock: { cidr: ipBlock.cidr, except: ipBlock.except } }];
  }
  const podLabels = podSelector?.labelSelector._toKube() ?? {};
  const names = podSelector?.namespaces?.names ?? [];
  const namespaceLabels = podSelector?.namespaces?.labelSelector?._toKube();
  if (names.length > 0) {
    return names.map((name) => ({
      podSelector: podLabels,
      namespaceSelector: { ...namespaceLabels, matchLabels: { ...namespaceLabels?.matchLabels, [namespaceNameLabel]: name } },
    }));
  }
  return [{ podSelector: podLabels, ...(namespaceLabels ? { namespaceSelector: namespaceLabels } : {}) }];
}

export const peerCheck = instance(
  'a peer of cdk8s-plus: a workload, Pods.select(…), Namespaces.select(…); or a construct of this library',
  'toNetworkPolicyPeerConfig',
);
/** A name holds no colon, an IPv6 address two and more: one of them stands before a port. */
export const hostCheck = text({
  pattern: /^(?:[A-Za-z0-9.-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$/,
  allowed: 'a DNS name or an address, without scheme and port',
});

export const reachCheck = instance('Reach.pods(…), .cidrs(…), .apiServer(), .nodes() or .anywhere()', '_peers');

export const endpointCheck = struct<Endpoint>({
  host: required(hostCheck),
  port: required(integer(1, 65_535)),
  tls: boolean,
  caCertificate: secretKey,
  serverName: hostCheck,
  reach: required(reachCheck),
});

/** Both families; what Kubernetes makes of the groups of an IPv6 address is left to it. */
export const cidr: Check = (value, where) => {
  const [address, length, ...rest] = typeof value === 'string' ? value.split('/') : [];
  const bytes = /^\d{1,3}(\.\d{1,3}){3}$/.test(address ?? '') ? address.split('.') : [];
  const bits =
    bytes.length === 4 && bytes.every((byte) => Number(byte) <= 255) ? 32 : /^[0-9a-f]*(:[0-9a-f]*){2,7}$/i.test(address ?? '') ? 128 : -1;
  const right = rest.length === 0 && /^\d{1,3}$/.test(length ?? '') && Number(length) <= bits;
  return right ? [] : [{ where, given: shown(value), allowed: 'a range of addresses: 10.1.0.0/16, or 10.1.2.3/32 for one address' }];
};
