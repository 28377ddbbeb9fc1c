import type { Construct } from 'constructs';
import {
  type Check,
  type Checks,
  instance,
  kubernetesName,
  list,
  objectName,
  record,
  refuse,
  required,
  struct,
  text,
} from '../kubernetes/checks';
import { cidr, type Reach, reachCheck } from '../kubernetes/endpoint';
import { labels, selectorLabels, type WorkloadIdentity } from '../kubernetes/labels';
import { exposedName } from '../kubernetes/names';
import { object } from '../kubernetes/object';
import { type Problem, throwIfAny } from '../kubernetes/problems';
import { dnsName } from '../kubernetes/server-tls';

/** An Ingress, for OTLP over HTTP. */
export interface IngressExposure {
  /** The name that others send to: `https://HOST`. */
  readonly host: string;
  /** A Secret of the type `kubernetes.io/tls` in the collector's namespace, with the certificate for `host`. */
  readonly tlsSecret: string;
  /**
   * The IngressClass.
   * @default - the cluster's default class
   */
  readonly className?: string;
  /**
   * What the controller is told: its largest body, who issues the certificate.
   * @default - nothing
   */
  readonly annotations?: Record<string, string>;
  /**
   * Who connects to the collector then: the controller's pods, or the addresses of its load balancer.
   * @default Reach.anywhere()
   */
  readonly from?: Reach;
}

/** A Gateway of the Gateway API that is there already. */
export interface GatewayReference {
  /** The Gateway's name. */
  readonly name: string;
  /**
   * The Gateway's namespace.
   * @default - the collector's
   */
  readonly namespace?: string;
  /**
   * The listener's name.
   * @default - every listener that takes the host
   */
  readonly listener?: string;
}

/** Routes of the Gateway API. */
export interface GatewayApiExposure {
  /** Its listeners encrypt, and let routes of the collector's namespace in (`allowedRoutes`). */
  readonly gateway: GatewayReference;
  /** The name that others send OTLP over HTTP to: `https://HOST`. */
  readonly host: string;
  /**
   * The name for OTLP over gRPC. Another one: of an HTTPRoute and a GRPCRoute for one name, a Gateway takes only one.
   * @default - HTTP only
   */
  readonly grpcHost?: string;
  /**
   * Who connects to the collector then: the Gateway's pods.
   * @default Reach.anywhere()
   */
  readonly from?: Reach;
}

/** A load balancer of the cloud, for gRPC on port 4317 and HTTP on port 4318. */
export interface LoadBalancerExposure {
  /**
   * What the cloud is told: `service.beta.kubernetes.io/aws-load-balancer-scheme` and the like.
   * @default - nothing
   */
  readonly annotations?: Record<string, string>;
  /**
   * Addresses that may connect to the load balancer, e.g. `10.0.0.0/8`.
   * @default - any
   */
  readonly sourceRanges?: string[];
  /**
   * Who connects to the collector then. With most load balancers these are nodes, not the senders.
   * @default Reach.anywhere()
   */
  readonly from?: Reach;
}

/** Where a collector's Services can be reached from outside of the cluster. */
export class Exposure {
  /**
   * OTLP over HTTP behind an Ingress that decrypts. No gRPC: how a controller passes it on is said in annotations that each has of its own.
   * Bodies of 1 MiB and more are refused by some controllers until they are told otherwise; agents of this library stay below.
   * @throws if a property is wrong
   */
  static ingress(props: IngressExposure): Exposure {
    refuse<IngressExposure>('Exposure.ingress', props, {
      host: required(dnsName),
      tlsSecret: required(objectName),
      className: objectName,
      annotations,
      from: reachCheck,
    });
    return new Exposure(true, ['otlp-http'], props.from, (scope, workload) => ingress(scope, workload, props));
  }

  /**
   * OTLP over HTTP, and over gRPC under a name of its own, behind a Gateway that decrypts. The CRDs of the Gateway API have to be in the cluster.
   * @throws if a property is wrong
   * @see https://gateway-api.sigs.k8s.io/
   */
  static gatewayApi(props: GatewayApiExposure): Exposure {
    refuse<GatewayApiExposure>('Exposure.gatewayApi', props, gatewayApiChecks);
    throwIfAny('Exposure.gatewayApi', sameHost(props));
    const ports = ['otlp-http', ...(props.grpcHost ? ['otlp-grpc'] : [])];
    return new Exposure(true, ports, props.from, (scope, workload, port) => routes(scope, workload, props, port));
  }

  /**
   * A Service of the type LoadBalancer in front of the collector itself, which then encrypts: give it `tls`.
   * @throws if a property is wrong
   */
  static loadBalancer(props: LoadBalancerExposure = {}): Exposure {
    refuse<LoadBalancerExposure>('Exposure.loadBalancer', props, { annotations, sourceRanges: list(cidr, { min: 1 }), from: reachCheck });
    return new Exposure(false, ['otlp-grpc', 'otlp-http'], props.from, (scope, workload, port) =>
      loadBalancer(scope, workload, props, port),
    );
  }

  private constructor(
    /** @internal Whether TLS ends before the collector. */
    readonly _decrypts: boolean,
    /** @internal Names of the ports that are reached. */
    readonly _ports: readonly string[],
    /** @internal */
    readonly _from: Reach | undefined,
    /** @internal */
    readonly _create: (scope: Construct, workload: WorkloadIdentity, port: (name: string) => number) => void,
  ) {}
}

const metadata = (workload: WorkloadIdentity, name = workload.name) => ({ name, namespace: workload.namespace, labels: labels(workload) });

/** The paths of OTLP over HTTP, now and to come. */
const otlpPaths = '/v1';

function ingress(scope: Construct, workload: WorkloadIdentity, props: IngressExposure): void {
  const backend = { service: { name: workload.name, port: { name: 'otlp-http' } } };
  object(scope, 'ExposingIngress', 'networking.k8s.io/v1/Ingress', {
    metadata: { ...metadata(workload), ...(props.annotations ? { annotations: { ...props.annotations } } : {}) },
    spec: {
      ...(props.className ? { ingressClassName: props.className } : {}),
      tls: [{ hosts: [props.host], secretName: props.tlsSecret }],
      rules: [{ host: props.host, http: { paths: [{ path: otlpPaths, pathType: 'Prefix', backend }] } }],
    },
  });
}

function routes(scope: Construct, workload: WorkloadIdentity, props: GatewayApiExposure, port: (name: string) => number): void {
  const { name, namespace, listener } = props.gateway;
  const parentRefs = [{ name, ...(namespace ? { namespace } : {}), ...(listener ? { sectionName: listener } : {}) }];
  const backendRefs = (portName: string) => [{ name: workload.name, port: port(portName) }];
  object(scope, 'ExposingHttpRoute', 'gateway.networking.k8s.io/v1/HTTPRoute', {
    metadata: metadata(workload),
    spec: {
      parentRefs,
      hostnames: [props.host],
      rules: [{ matches: [{ path: { type: 'PathPrefix', value: otlpPaths } }], backendRefs: backendRefs('otlp-http') }],
    },
  });
  if (props.grpcHost) {
    object(scope, 'ExposingGrpcRoute', 'gateway.networking.k8s.io/v1/GRPCRoute', {
      metadata: metadata(workload),
      spec: {
        parentRefs,
        hostnames: [props.grpcHost],
        rules: [{ matches: otlpServices.map((service) => ({ method: { service } })), backendRefs: backendRefs('otlp-grpc') }],
      },
    });
  }
}

const otlpServices = ['logs.v1.LogsService', 'metrics.v1.MetricsService', 'trace.v1.TraceService'].map(
  (service) => `opentelemetry.proto.collector.${service}`,
);

function loadBalancer(scope: Construct, workload: WorkloadIdentity, props: LoadBalancerExposure, port: (name: string) => number): void {
  object(scope, 'ExposingService', 'v1/Service', {
    metadata: {
      ...metadata(workload, exposedName(workload.name)),
      ...(props.annotations ? { annotations: { ...props.annotations } } : {}),
    },
    spec: {
      type: 'LoadBalancer',
      selector: selectorLabels(workload),
      ports: ['otlp-grpc', 'otlp-http'].map((name) => ({ name, port: port(name), targetPort: name, protocol: 'TCP' })),
      ...(props.sourceRanges ? { loadBalancerSourceRanges: [...props.sourceRanges] } : {}),
    },
  });
}

const annotations: Check = record(
  (value, where) => (typeof value === 'string' ? [] : [{ where, given: typeof value, allowed: 'a text' }]),
  text({
    max: 317,
    pattern: /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
    allowed: 'the name of an annotation: acme.example/name',
  }),
);

const gatewayApiChecks: Checks<GatewayApiExposure> = {
  gateway: required(struct<GatewayReference>({ name: required(objectName), namespace: kubernetesName(), listener: objectName })),
  host: required(dnsName),
  grpcHost: dnsName,
  from: reachCheck,
};

const sameHost = ({ host, grpcHost }: GatewayApiExposure): Problem[] =>
  host === grpcHost
    ? [
        {
          where: 'grpcHost',
          given: `"${host}", as \`host\``,
          allowed: 'another name: of two routes for one name, a Gateway takes only one',
        },
      ]
    : [];

/** @internal */
export const exposure: Check = instance('Exposure.ingress({ … }), .gatewayApi({ … }) or .loadBalancer()', '_decrypts', '_create');
