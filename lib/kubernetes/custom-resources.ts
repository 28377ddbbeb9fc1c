import type { HorizontalPodAutoscalerBehavior, ObjectMeta } from '../../imports/kubernetes';

/** The custom resources that can be created, by API version and kind. Only the fields that are written: what else a resource can say, a patch says. */
export interface CustomResources {
  'cert-manager.io/v1/Certificate': Certificate;
  'gateway.networking.k8s.io/v1/HTTPRoute': Route<{ path: { type: string; value: string } }>;
  'gateway.networking.k8s.io/v1/GRPCRoute': Route<{ method: { service: string } }>;
  'keda.sh/v1alpha1/ScaledObject': ScaledObject;
  'security.openshift.io/v1/SecurityContextConstraints': SecurityContextConstraints;
}

/** @see https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.Certificate */
export interface Certificate {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
  spec: {
    secretName: string;
    issuerRef: { name: string; kind: string; group: string };
    dnsNames: string[];
    usages: string[];
    privateKey: { algorithm: string; rotationPolicy: string };
  };
}

/** @see https://gateway-api.sigs.k8s.io/reference/api-spec/main/spec/#httproute and #grpcroute */
export interface Route<Match> {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
  spec: {
    parentRefs: { name: string; namespace?: string; sectionName?: string }[];
    hostnames: string[];
    rules: { matches: Match[]; backendRefs: { name: string; port: number }[] }[];
  };
}

/** @see https://keda.sh/docs/latest/reference/scaledobject-spec/ */
export interface ScaledObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
  spec: {
    scaleTargetRef: { apiVersion: string; kind: string; name: string };
    pollingInterval: number;
    minReplicaCount: number;
    maxReplicaCount: number;
    advanced: { horizontalPodAutoscalerConfig: { name: string; behavior: HorizontalPodAutoscalerBehavior } };
    triggers: { type: string; metricType: string; metadata: Record<string, string> }[];
  };
}

/** @see https://docs.redhat.com/en/documentation/openshift_container_platform/latest/html/security_apis/securitycontextconstraints-security-openshift-io-v1 */
export interface SecurityContextConstraints {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
  allowHostDirVolumePlugin: boolean;
  allowHostIPC: boolean;
  allowHostNetwork: boolean;
  allowHostPID: boolean;
  allowHostPorts: boolean;
  allowPrivilegeEscalation: boolean;
  allowPrivilegedContainer: boolean;
  allowedCapabilities: string[];
  defaultAddCapabilities: string[];
  fsGroup: { type: string };
  groups: string[];
  priority: number;
  readOnlyRootFilesystem: boolean;
  requiredDropCapabilities: string[];
  runAsUser: { type: string; uid: number };
  seLinuxContext: { type: string; seLinuxOptions: { user: string; role: string; type: string; level: string } };
  seccompProfiles: string[];
  supplementalGroups: { type: string };
  users: string[];
  volumes: string[];
}
