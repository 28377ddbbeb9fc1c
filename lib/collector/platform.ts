/** Where the cluster runs. Sources of your own see it in their CollectorContext; those of this library do not differ by it. OpenShift is rendered, not run. */
export enum Platform {
  GENERIC = 'generic',
  KUBEADM = 'kubeadm',
  EKS = 'eks',
  GKE = 'gke',
  AKS = 'aks',
  OPENSHIFT = 'openshift',
}
