/** Where the cluster runs. What differs is which parts of the control plane can be reached. */
export enum Platform {
  GENERIC = 'generic',
  KUBEADM = 'kubeadm',
  EKS = 'eks',
  GKE = 'gke',
  AKS = 'aks',
  OPENSHIFT = 'openshift',
}
