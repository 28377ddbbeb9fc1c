import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { diagnosis, notReady } from './cluster-diagnosis';
import type { Manifest } from './container';
import { ControlPlane } from './control-plane';
import { busyboxImage, clickHouseImage, collectorImage, corednsImage, grafanaImage, type PackedImage, pauseImage } from './images';
import { Namespaces } from './namespaces';
import { containerdArguments, kubeletArguments, kubeProxyArguments, network } from './node-configuration';
import { partsFolder } from './parts';
import { eventually, type Program, type RunOptions, run, scratchFolder, succeed } from './program';

/** References as they stand in the YAML, of what runs under them here. */
export interface ClusterImages {
  readonly collector?: string;
  readonly clickhouse?: string;
  readonly grafana?: string;
}

/** For applications of tests. */
export const busybox = 'docker.io/library/busybox:1.35';

/**
 * A whole cluster of one node in namespaces of its own: pods really start. Its API server listens on 6443; DNS is kube-dns in kube-system; claims are bound;
 * network policies are enforced for pods, and what comes from the node itself always passes.
 */
export class Cluster {
  static async start(images: ClusterImages = {}): Promise<Cluster> {
    const folder = scratchFolder('cluster');
    const namespaces = await Namespaces.open(join(folder, 'namespaces'));
    const cluster = new Cluster(folder, namespaces);
    await cluster.startContainerd();
    const [controlPlane] = await Promise.all([cluster.startControlPlane(), cluster.importImages(images)]);
    cluster.controlPlane = controlPlane;
    await cluster.startNode();
    await cluster.startAddons();
    return cluster;
  }

  controlPlane!: ControlPlane;
  private readonly programs: Record<string, Program> = {};

  private constructor(
    private readonly folder: string,
    private readonly namespaces: Namespaces,
  ) {}

  kubectl(args: readonly string[], options?: RunOptions): Promise<string> {
    return this.controlPlane.kubectl(args, options);
  }

  apply(objects: string | readonly Manifest[]): Promise<Manifest[]> {
    return this.controlPlane.apply(objects);
  }

  /** Runs a command of this machine on the node: it reaches every pod and Service, by name. */
  onNode(command: readonly string[], options?: RunOptions): Promise<string> {
    return succeed(this.namespaces.within(command), options);
  }

  /** Runs a command in a pod. */
  inPod(namespace: string, pod: string, command: readonly string[], options?: RunOptions): Promise<string> {
    return this.kubectl(['exec', '-n', namespace, pod, ...(options?.input === undefined ? [] : ['-i']), '--', ...command], options);
  }

  /** Asks a ClickHouse of the cluster, from the node. */
  async query<Row = Record<string, unknown>>(host: string, sql: string, login: { username: string; password: string }): Promise<Row[]> {
    const url = `http://${host}/?default_format=JSONEachRow`;
    const headers = ['-H', `X-ClickHouse-User: ${login.username}`, '-H', `X-ClickHouse-Key: ${login.password}`];
    const answer = await this.onNode(['curl', '-sS', '--max-time', '30', '--fail-with-body', ...headers, '--data-binary', '@-', url], {
      input: sql,
    });
    return answer
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  /** Waits until every workload among the objects is rolled out and every Job is done; otherwise says what its pods say. */
  async rolledOut(objects: readonly Manifest[], seconds = 240): Promise<void> {
    try {
      await eventually('all is rolled out', async () => (await notReady(this.controlPlane, objects)).length === 0, seconds);
    } catch {
      throw new Error(
        `after ${seconds} s not yet: ${(await notReady(this.controlPlane, objects)).join(', ')}\n${await diagnosis(this.controlPlane, objects)}`,
      );
    }
  }

  /** Packs nothing and pulls nothing: makes an image known under a further reference. */
  async import(image: PackedImage, reference: string): Promise<void> {
    const name = reference.includes('@') ? `${reference.split('@')[0].replace(/:[^/]*$/, '')}@${reference.split('@')[1]}` : reference;
    await this.onNode(['ctr', '-n', 'k8s.io', 'images', 'import', image.file], { seconds: 180 });
    await this.onNode(['ctr', '-n', 'k8s.io', 'images', 'tag', '--force', image.name, name]);
  }

  /** What a program of the cluster wrote: `kubelet`, `containerd`, `kube-proxy`, … */
  output(program: string): string {
    return this.programs[program].output();
  }

  async stop(): Promise<void> {
    await this.namespaces.close();
  }

  private startProgram(name: string, args: readonly string[], env: Record<string, string> = {}): Program {
    const settings = Object.entries(env).map(([key, value]) => `${key}=${value}`);
    const program = this.namespaces.start(['env', ...settings, name, ...args], { log: join(this.folder, `${name}.log`) });
    this.programs[name] = program;
    return program;
  }

  private async startContainerd(): Promise<void> {
    const { name } = await pauseImage();
    const containerd = this.startProgram('containerd', containerdArguments(this.folder, name));
    await containerd.until('answers', async () => (await run(this.namespaces.within(['ctr', 'version']))).status === 0);
  }

  private async importImages(references: ClusterImages): Promise<void> {
    const pause = await pauseImage();
    await this.import(pause, pause.name);
    await this.import(await busyboxImage(), busybox);
    await this.import(await corednsImage(), 'harness.test/coredns:1');
    for (const [reference, image] of [
      [references.collector, collectorImage],
      [references.clickhouse, clickHouseImage],
      [references.grafana, grafanaImage],
    ] as const) {
      if (reference) {
        await this.import(await image(), reference);
      }
    }
  }

  private startControlPlane(): Promise<ControlPlane> {
    const folder = join(this.folder, 'control-plane');
    mkdirSync(folder, { recursive: true });
    const pki = join(folder, 'pki');
    return ControlPlane.start({
      controllers: 'all',
      place: {
        folder,
        address: network.address,
        port: network.apiServerPort,
        within: (command) => this.namespaces.within(command),
        apiServerArguments: [
          ...[
            '--endpoint-reconciler-type',
            'lease',
            '--kubelet-preferred-address-types',
            'InternalIP',
            '--kubelet-certificate-authority',
            join(pki, 'ca.crt'),
          ],
          ...['--kubelet-client-certificate', join(pki, 'admin.crt'), '--kubelet-client-key', join(pki, 'admin.key')],
        ],
      },
    });
  }

  private async startNode(): Promise<void> {
    const { authority, kubeconfig } = this.controlPlane;
    const names = [`IP:${network.address}`, 'IP:127.0.0.1', `DNS:${network.node}`];
    await authority.sign('node', {
      commonName: `system:node:${network.node}`,
      organization: 'system:nodes',
      usage: ['clientAuth', 'serverAuth'],
      names,
    });
    const kubelet = this.startProgram(
      'kubelet',
      kubeletArguments(this.folder, authority.path(''), this.controlPlane.writeKubeconfig('node')),
    );
    this.startProgram('kube-scheduler', ['--kubeconfig', kubeconfig, '--secure-port', '0', '--leader-elect=false']);
    this.startProgram('kube-proxy', kubeProxyArguments(this.folder, kubeconfig));
    await kubelet.until('the node is ready', async () =>
      (await this.controlPlane.get('nodes'))[0]?.status.conditions.some(
        ({ type, status }: Manifest) => type === 'Ready' && status === 'True',
      ),
    );
  }

  private async startAddons(): Promise<void> {
    const text = readFileSync(join(partsFolder, 'cluster/addons.yaml'), 'utf8')
      .replaceAll('CLUSTER_DNS', network.dns)
      .replaceAll('VOLUMES', join(this.folder, 'volumes'));
    const objects = text.split('\n---\n').map((document) => parse(document));
    await this.apply(objects);
    await this.startProvisioner(objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'local-path'));
    await this.startNetworkPolicies();
    await this.rolledOut(objects, 90);
  }

  private async startProvisioner({ data }: Manifest): Promise<void> {
    const config = join(this.folder, 'local-path.json');
    const helper = join(this.folder, 'local-path-helper.yaml');
    writeFileSync(config, data['config.json']);
    writeFileSync(helper, data['helperPod.yaml']);
    this.startProgram('local-path-provisioner', [
      ...[
        'start',
        '--kubeconfig',
        this.controlPlane.kubeconfig,
        '--config',
        config,
        '--helper-pod-file',
        helper,
        '--helper-image',
        busybox,
      ],
      ...['--configmap-name', 'local-path', '--namespace', 'kube-system', '--service-account-name', 'default'],
    ]);
  }

  /**
   * The program knows the in-cluster configuration only, and finds it where a pod would. Its own rules need NFT_QUEUE, which not every kernel has (it then
   * logs `netlink receive: no such file or directory` for ever): these two hand it each new connection of a pod. Without it everything would pass.
   */
  private async startNetworkPolicies(): Promise<void> {
    for (const chain of ['FORWARD', 'INPUT']) {
      const rule = ['-s', network.pods, '-m', 'conntrack', '--ctstate', 'NEW', '-j', 'NFQUEUE', '--queue-num', '100', '--queue-bypass'];
      await this.onNode(['iptables', '-t', 'mangle', '-A', chain, ...rule]);
    }
    const { env, files } = await this.controlPlane.inCluster('kube-network-policies', 'kube-system');
    for (const [path, input] of Object.entries(files)) {
      await this.onNode(['sh', '-c', 'mkdir -p "$(dirname "$0")" && cat >"$0"', path.replace('/var/run/', '/run/')], { input });
    }
    this.startProgram(
      'kube-network-policies',
      ['--nfqueue-id', '100', '--hostname-override', network.node, '--metrics-bind-address', '127.0.0.1:9080'],
      env,
    );
  }
}
