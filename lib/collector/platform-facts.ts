import { Platform } from './platform';

/** By pods with a label; `setting` is what somebody has to change in the cluster before they answer to others than their own node. */
export interface ByPods {
  readonly by: 'pods';
  readonly namespace: string;
  readonly label: string;
  readonly port: number;
  readonly scheme: 'http' | 'https';
  readonly setting?: string;
}

/** Not at all; the reason stands behind a colon in errors. */
export interface Unreached {
  readonly by: 'nothing';
  readonly because: string;
}

/** How the metrics of a part of Kubernetes are reached. What cannot be reached has no target, or it would be `up 0` for ever. */
export type PartReach =
  /** The endpoints of the Service `kubernetes`. */
  | { readonly by: 'api-server-endpoints' }
  | ByPods
  /** A path of the API server, guarded as a resource of a group. */
  | { readonly by: 'api-server-path'; readonly path: string; readonly apiGroup: string; readonly resource: string }
  | Unreached;

/** What differs between platforms. Roles have no branch: sources and the node agent read this. */
export interface PlatformFacts {
  readonly controlPlane: {
    readonly apiServer: PartReach;
    readonly coreDns: PartReach;
    readonly etcd: PartReach;
    readonly scheduler: PartReach;
    readonly controllerManager: PartReach;
  };
  readonly kubeProxy: ByPods | Unreached;
  /** Whether the cluster's own authority signs kubelets' certificates, without anybody's doing. */
  readonly signsKubelets: boolean;
  /** What pods are refused; nothing where it is not said. */
  readonly refuses?: Refusals;
  /** A label that nodes have on which no pod of a DaemonSet runs. */
  readonly virtualNodes?: { readonly key: string; readonly value: string };
  /** Whether pods need SecurityContextConstraints that admit them. */
  readonly securityContextConstraints?: boolean;
}

/** What a platform lets no pod have, and what is to be done instead. */
export interface Refusals {
  /** Pods of DaemonSets; why. */
  readonly daemonSets?: string;
  /** Folders of the node but these and what is below them; these may only be read. */
  readonly nodeFoldersBut?: readonly string[];
  /** The network and the processes of the node, and capabilities. */
  readonly hostAccess?: boolean;
  /** Claims that are made when a pod asks for them; what to do about it. Nobody refuses them before the pod waits for its disk. */
  readonly claims?: string;
  /** What to do instead. */
  readonly instead: string;
}

const nothing = (because: string): Unreached => ({ by: 'nothing', because });
const apiServer: PartReach = { by: 'api-server-endpoints' };
const pods = (namespace: string, label: string, port: number, scheme: 'http' | 'https', setting?: string): ByPods => ({
  by: 'pods',
  namespace,
  label,
  port,
  scheme,
  setting,
});
const coreDns = pods('kube-system', 'k8s-app=kube-dns', 9153, 'http');
const theirs = (provider: string) => nothing(`${provider} runs it and shows nobody its metrics`);
const eksPart = (resource: string): PartReach => ({
  by: 'api-server-path',
  path: `/apis/metrics.eks.amazonaws.com/v1/${resource}/container/metrics`,
  apiGroup: 'metrics.eks.amazonaws.com',
  resource: `${resource}/metrics`,
});
const notAssumed = nothing('where it runs is not known: Platform.KUBEADM, where it is a static pod as kubeadm makes it');
const oneProcess = nothing('K3s runs it in the process of the API server, whose metrics hold its own');

const kubeProxy = (label: string, setting?: string) => pods('kube-system', label, 10249, 'http', setting);
const ownKubeProxy = kubeProxy('k8s-app=kube-proxy', 'metricsBindAddress: 0.0.0.0:10249 in the ConfigMap kube-proxy of kube-system');

const eks: PlatformFacts = {
  controlPlane: { apiServer, coreDns, etcd: theirs('EKS'), scheduler: eksPart('ksh'), controllerManager: eksPart('kcm') },
  kubeProxy: kubeProxy('k8s-app=kube-proxy'),
  signsKubelets: true,
  virtualNodes: { key: 'eks.amazonaws.com/compute-type', value: 'fargate' },
};

const gke: PlatformFacts = {
  controlPlane: {
    apiServer,
    coreDns: nothing('GKE answers names by kube-dns or Cloud DNS, not by CoreDNS'),
    etcd: theirs('GKE'),
    scheduler: theirs('GKE'),
    controllerManager: theirs('GKE'),
  },
  kubeProxy: nothing('GKE lets kube-proxy, where there is one, show its metrics to its own node alone'),
  signsKubelets: false,
};

/** Recorded from what the platforms document; only GENERIC and KUBEADM were run. */
export const platformFacts: Readonly<Record<Platform, PlatformFacts>> = {
  [Platform.GENERIC]: {
    controlPlane: { apiServer, coreDns, etcd: notAssumed, scheduler: notAssumed, controllerManager: notAssumed },
    kubeProxy: ownKubeProxy,
    signsKubelets: false,
  },
  [Platform.KUBEADM]: {
    controlPlane: {
      apiServer,
      coreDns,
      etcd: pods('kube-system', 'component=etcd', 2381, 'http', 'etcd --listen-metrics-urls=http://0.0.0.0:2381'),
      scheduler: pods('kube-system', 'component=kube-scheduler', 10259, 'https', 'kube-scheduler --bind-address=0.0.0.0'),
      controllerManager: pods(
        'kube-system',
        'component=kube-controller-manager',
        10257,
        'https',
        'kube-controller-manager --bind-address=0.0.0.0',
      ),
    },
    kubeProxy: ownKubeProxy,
    signsKubelets: false,
  },
  [Platform.K3S]: {
    controlPlane: {
      apiServer,
      coreDns,
      etcd: nothing('K3s keeps its state in SQLite, in a database elsewhere, or in an etcd that shows its metrics to its own node'),
      scheduler: oneProcess,
      controllerManager: oneProcess,
    },
    kubeProxy: nothing('K3s runs it in the process of the agent, which shows its metrics to its own node alone'),
    signsKubelets: true,
  },
  [Platform.EKS]: eks,
  [Platform.EKS_FARGATE]: {
    ...eks,
    refuses: {
      daemonSets: 'Fargate runs each pod on a machine of its own, and no pod of a DaemonSet',
      nodeFoldersBut: [],
      hostAccess: true,
      claims:
        'Fargate mounts no disk that a claim makes (EBS): a gateway with GatewayMode.SYNCHRONOUS needs none; give others a storage class of EFS whose volumes are there already, or let gateway and store stand elsewhere (`existingGateway`)',
      instead:
        "Containers' logs leave Fargate by its own log router (the ConfigMap aws-logging in the namespace aws-observability); applications send OTLP to the gateway; with nodes beside Fargate it is Platform.EKS",
    },
  },
  [Platform.GKE]: gke,
  [Platform.GKE_AUTOPILOT]: {
    ...gke,
    refuses: {
      nodeFoldersBut: ['/var/log'],
      hostAccess: true,
      instead: 'A cluster of GKE Standard admits it (Platform.GKE); on Autopilot the source has to go',
    },
  },
  [Platform.AKS]: {
    controlPlane: { apiServer, coreDns, etcd: theirs('AKS'), scheduler: theirs('AKS'), controllerManager: theirs('AKS') },
    kubeProxy: kubeProxy('component=kube-proxy'),
    signsKubelets: false,
    virtualNodes: { key: 'type', value: 'virtual-kubelet' },
  },
  [Platform.OPENSHIFT]: {
    controlPlane: {
      apiServer,
      coreDns: pods('openshift-dns', 'dns.operator.openshift.io/daemonset-dns=default', 9154, 'https'),
      etcd: nothing("OpenShift's etcd shows its metrics only to who has a certificate of its own authority"),
      scheduler: pods('openshift-kube-scheduler', 'app=openshift-kube-scheduler', 10259, 'https'),
      controllerManager: pods('openshift-kube-controller-manager', 'app=kube-controller-manager', 10257, 'https'),
    },
    kubeProxy: nothing("OpenShift's network works without kube-proxy"),
    signsKubelets: false,
    securityContextConstraints: true,
  },
};

/** Whether an agent may keep a folder of its own on the node, to be found again by its next pod. */
export const keepsNodeState = (platform: Platform): boolean => platformFacts[platform].refuses?.nodeFoldersBut === undefined;
