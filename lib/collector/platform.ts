/** Where the cluster runs. Sources go by it: what can be reached there, what is admitted, and how kubelets are known. All but GENERIC and KUBEADM are rendered, not run. */
export enum Platform {
  /** Any Kubernetes: nothing is assumed. */
  GENERIC = 'generic',
  /** Made by kubeadm. */
  KUBEADM = 'kubeadm',
  /** K3s. */
  K3S = 'k3s',
  /** Amazon EKS, on nodes; some pods may run on Fargate. */
  EKS = 'eks',
  /** Amazon EKS with Fargate alone: it has no nodes of its own, and so no node agent. */
  EKS_FARGATE = 'eks-fargate',
  /** Google GKE, Standard. */
  GKE = 'gke',
  /** Google GKE, Autopilot. */
  GKE_AUTOPILOT = 'gke-autopilot',
  /** Azure AKS. */
  AKS = 'aks',
  /** Red Hat OpenShift. */
  OPENSHIFT = 'openshift',
}
