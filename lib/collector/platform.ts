/** Where the cluster runs. Sources of your own see it in their CollectorContext; those of this library do not differ by it. OpenShift is rendered, not run. */
export enum Platform {
  /** Any Kubernetes: nothing is assumed. */
  GENERIC = 'generic',
  /** Made by kubeadm. */
  KUBEADM = 'kubeadm',
  /** Amazon EKS. */
  EKS = 'eks',
  /** Google GKE. */
  GKE = 'gke',
  /** Azure AKS. */
  AKS = 'aks',
  /** Red Hat OpenShift. */
  OPENSHIFT = 'openshift',
}
