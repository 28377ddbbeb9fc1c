import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** The cluster's addresses. parts/cluster/namespaces.sh has the node's and that of DNS, too. */
export const network = { node: 'node-a', address: '192.168.99.1', pods: '10.244.0.0/24', dns: '10.96.0.10', apiServerPort: 6443 } as const;

/** Writes the configuration of containerd and the pod network; returns containerd's arguments. */
export function containerdArguments(folder: string, pauseImage: string): string[] {
  mkdirSync(join(folder, 'cni'), { recursive: true });
  const ipam = { type: 'host-local', ranges: [[{ subnet: network.pods }]], dataDir: '/run/cni-ipam' };
  const plugins = [
    { type: 'bridge', bridge: 'cni0', isDefaultGateway: true, hairpinMode: true, ipam },
    { type: 'portmap', capabilities: { portMappings: true } },
  ];
  writeFileSync(join(folder, 'cni/10.conflist'), JSON.stringify({ cniVersion: '1.0.0', name: 'pods', plugins }));
  const file = join(folder, 'containerd.toml');
  // restrict_oom_score_adj: where root lacks CAP_SYS_RESOURCE, runc cannot give a sandbox its score, and ends.
  writeFileSync(
    file,
    `version = 3
root = '${folder}/containerd'
state = '/run/containerd'
[grpc]
address = '/run/containerd/containerd.sock'
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = '${pauseImage}'
[plugins.'io.containerd.cri.v1.runtime']
restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ['/usr/lib/cni']
conf_dir = '${folder}/cni'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = 'io.containerd.runc.v2'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
BinaryName = '/usr/sbin/runc'
SystemdCgroup = false
`,
  );
  return ['--config', file];
}

/** `pki` holds ca.crt and node.crt, by which whoever trusts the cluster's authority can verify the kubelet. */
export function kubeletArguments(folder: string, pki: string, kubeconfig: string): string[] {
  writeFileSync(join(folder, 'resolv.conf'), '');
  const file = join(folder, 'kubelet.yaml');
  const configuration = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: join(pki, 'ca.crt') } },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(pki, 'node.crt'),
    tlsPrivateKeyFile: join(pki, 'node.key'),
    oomScoreAdj: 0,
    failSwapOn: false,
    makeIPTablesUtilChains: false,
    // The machine's memory and disk are not the cluster's.
    evictionHard: { 'memory.available': '1Mi' },
    imageGCHighThresholdPercent: 100,
    resolvConf: join(folder, 'resolv.conf'),
    clusterDNS: [network.dns],
    clusterDomain: 'cluster.local',
    volumePluginDir: join(folder, 'volume-plugins'),
  };
  writeFileSync(file, stringify(configuration));
  return [
    '--config',
    file,
    '--kubeconfig',
    kubeconfig,
    '--root-dir',
    join(folder, 'kubelet'),
    '--hostname-override',
    network.node,
    '--node-ip',
    network.address,
  ];
}

export function kubeProxyArguments(folder: string, kubeconfig: string): string[] {
  const file = join(folder, 'kube-proxy.yaml');
  const configuration = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    oomScoreAdj: 0,
    metricsBindAddress: '0.0.0.0:10249',
    clientConnection: { kubeconfig },
    hostnameOverride: network.node,
    clusterCIDR: network.pods,
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
  writeFileSync(file, stringify(configuration));
  return ['--config', file];
}
