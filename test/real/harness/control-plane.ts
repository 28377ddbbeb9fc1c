import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { CertificateAuthority } from './certificates';
import type { InCluster } from './collector';
import type { Manifest } from './container';
import { freePort } from './free-port';
import { part } from './parts';
import { type Outcome, Program, type RunOptions, run, scratchFolder } from './program';

export interface ControlPlaneOptions {
  /** An older API: `1.33`. Fields that came later are dropped without a word: compare what came back. */
  readonly emulatedVersion?: string;
  /** `none`: without a controller manager, for dry runs. */
  readonly controllers?: 'all' | 'without-nodes' | 'none';
  /** For a cluster with nodes: where it listens, and how programs get into its namespaces. */
  readonly place?: Place;
}

export interface Place {
  readonly folder: string;
  readonly address: string;
  readonly port: number;
  readonly apiServerArguments: string[];
  /** The command that runs a command there. */
  within(command: readonly string[]): string[];
}

export interface ApplyOptions {
  readonly dryRun?: boolean;
  /** @default true */
  readonly warningsAsErrors?: boolean;
}

/** One request, as the API server's audit log has it. */
export interface AuditedRequest {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly nonResourceUrl?: string;
  readonly code: number;
}

/** Judges of heartbeats, which nobody sends where there is no kubelet. */
const nodeControllers = [
  'node-lifecycle-controller',
  'taint-eviction-controller',
  'cloud-node-lifecycle-controller',
  'node-route-controller',
  'service-lb-controller',
];

/** A real API server with etcd, and the controllers that make pods of workloads. */
export class ControlPlane {
  static async start(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
    const folder = options.place?.folder ?? scratchFolder('control-plane');
    const ports = options.place
      ? { api: options.place.port, etcd: 2379, peer: 2380 }
      : { api: await freePort(), etcd: await freePort(), peer: await freePort() };
    const controlPlane = new ControlPlane(folder, options, ports);
    await controlPlane.prepare();
    await controlPlane.launch();
    return controlPlane;
  }

  authority!: CertificateAuthority;
  private readonly programs: Program[] = [];

  private constructor(
    private readonly folder: string,
    private readonly options: ControlPlaneOptions,
    private readonly ports: { readonly api: number; readonly etcd: number; readonly peer: number },
  ) {}

  get kubeconfig(): string {
    return join(this.folder, 'admin.kubeconfig');
  }

  /** Runs kubectl as an administrator; fails where it fails. */
  async kubectl(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await this.tryKubectl(args, options);
    if (status !== 0) {
      throw new Error(`kubectl ${args.join(' ')}: status ${status}\n${stderr || stdout}`);
    }
    return stdout;
  }

  tryKubectl(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return run(this.within([part('kubectl'), '--kubeconfig', this.kubeconfig, ...args]), options);
  }

  /**
   * Applies objects on the server's side, strictly: unknown fields and warnings are errors. Returns what the server made of them.
   * What brings a warning is there all the same, but for a dry run; which needs the objects' namespaces to be there.
   */
  async apply(objects: string | readonly Manifest[], { dryRun = false, warningsAsErrors = true }: ApplyOptions = {}): Promise<Manifest[]> {
    const input = typeof objects === 'string' ? objects : objects.map((object) => stringify(object)).join('---\n');
    const flags = [
      '--server-side',
      '--validate=strict',
      `--warnings-as-errors=${warningsAsErrors}`,
      ...(dryRun ? ['--dry-run=server'] : []),
    ];
    const answer = JSON.parse(await this.kubectl(['apply', ...flags, '-o', 'json', '-f', '-'], { input }));
    return answer.kind === 'List' ? answer.items : [answer];
  }

  /**
   * Asks for each workload's pod as such, as a controller would: Pod Security and missing accounts then refuse, where a workload gets a warning or nothing.
   * Namespaces and ServiceAccounts have to be there.
   */
  async dryRunPods(workloads: readonly Manifest[]): Promise<void> {
    const input = workloads
      .flatMap(podOf)
      .map((pod) => stringify(pod))
      .join('---\n');
    await this.kubectl(['create', '--dry-run=server', '--validate=strict', '--warnings-as-errors', '-f', '-'], { input });
  }

  async get(kind: string, namespace?: string, selector?: string): Promise<Manifest[]> {
    return JSON.parse(
      await this.kubectl(['get', kind, ...(namespace ? ['-n', namespace] : ['-A']), ...(selector ? ['-l', selector] : []), '-o', 'json']),
    ).items;
  }

  /** A token of a ServiceAccount, for an hour. */
  async token(serviceAccount: string, namespace: string): Promise<string> {
    return (await this.kubectl(['create', 'token', serviceAccount, '-n', namespace, '--duration=1h'])).trim();
  }

  /** What a pod of this account finds: environment and files of the in-cluster configuration. */
  async inCluster(serviceAccount: string, namespace: string): Promise<InCluster> {
    const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
    return {
      env: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(this.ports.api) },
      files: {
        [`${folder}/token`]: await this.token(serviceAccount, namespace),
        [`${folder}/ca.crt`]: readFileSync(this.authority.path('ca.crt'), 'utf8'),
        [`${folder}/namespace`]: namespace,
      },
    };
  }

  /** All requests of an account so far that were answered. */
  auditOf(serviceAccount: string, namespace: string): AuditedRequest[] {
    const user = `system:serviceaccount:${namespace}:${serviceAccount}`;
    const log = join(this.folder, 'audit.log');
    const events: Manifest[] = existsSync(log)
      ? readFileSync(log, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [];
    return events
      .filter((event) => event.user.username === user)
      .map(
        ({ verb, objectRef: { apiGroup: group = '', resource = '', subresource, namespace, name } = {}, requestURI, responseStatus }) => ({
          ...{ verb, group, resource, subresource, namespace, name },
          ...(resource ? {} : { nonResourceUrl: requestURI }),
          code: responseStatus?.code ?? 0,
        }),
      );
  }

  output(program: 'etcd' | 'kube-apiserver' | 'kube-controller-manager'): string {
    return readFileSync(join(this.folder, `${program}.log`), 'utf8');
  }

  /** At once: the state goes too. */
  async stop(): Promise<void> {
    for (const program of this.programs.splice(0).reverse()) {
      await program.kill();
    }
  }

  private within(command: readonly string[]): readonly string[] {
    return this.options.place?.within(command) ?? command;
  }

  private get address(): string {
    return this.options.place?.address ?? '127.0.0.1';
  }

  private async prepare(): Promise<void> {
    const pki = join(this.folder, 'pki');
    mkdirSync(pki, { recursive: true });
    const authority = await CertificateAuthority.create(pki);
    this.authority = authority;
    const names = ['IP:127.0.0.1', `IP:${this.address}`, 'IP:10.96.0.1', 'DNS:localhost', 'DNS:kubernetes.default.svc'];
    await Promise.all([
      authority.sign('apiserver', { commonName: 'kube-apiserver', usage: ['serverAuth'], names }),
      authority.sign('admin', { commonName: 'admin', organization: 'system:masters', usage: ['clientAuth'] }),
      // What the API server shows programs that it passes requests on to: metrics that others serve.
      authority.sign('front-proxy', { commonName: 'front-proxy-client', usage: ['clientAuth'] }),
      authority.sign('kube-controller-manager', { commonName: 'system:kube-controller-manager', usage: ['clientAuth'] }),
    ]);
    this.writeKubeconfig('admin');
    this.writeKubeconfig('kube-controller-manager');
    const policy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules: [{ level: 'Metadata' }] };
    writeFileSync(join(this.folder, 'audit-policy.yaml'), stringify(policy));
  }

  /** For a user whose certificate is NAME.crt: NAME.kubeconfig. */
  writeKubeconfig(name: string): string {
    const { authority } = this;
    const file = join(this.folder, `${name}.kubeconfig`);
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': name,
      contexts: [{ name, context: { cluster: 'harness', user: name } }],
      clusters: [
        { name: 'harness', cluster: { server: `https://127.0.0.1:${this.ports.api}`, 'certificate-authority': authority.path('ca.crt') } },
      ],
      users: [{ name, user: { 'client-certificate': authority.path(`${name}.crt`), 'client-key': authority.path(`${name}.key`) } }],
    };
    writeFileSync(file, stringify(kubeconfig));
    return file;
  }

  private async launch(): Promise<void> {
    const { api, etcd, peer } = this.ports;
    const url = (port: number) => `http://127.0.0.1:${port}`;
    // No fsync: the state is a test's.
    this.launchProgram('etcd', [
      ...[
        '--data-dir',
        join(this.folder, 'etcd'),
        '--unsafe-no-fsync',
        '--initial-cluster',
        `default=${url(peer)}`,
        '--initial-advertise-peer-urls',
        url(peer),
      ],
      ...['--listen-client-urls', url(etcd), '--advertise-client-urls', url(etcd), '--listen-peer-urls', url(peer)],
    ]);
    const apiServer = this.launchProgram('kube-apiserver', this.apiServerArguments(api, url(etcd)));
    await apiServer.until('is ready', async () => (await this.tryKubectl(['get', '--raw', '/readyz'])).status === 0, 120);
    if (this.options.controllers === 'none') {
      // A controller would make it, and without it every pod is refused.
      await this.kubectl(['create', 'serviceaccount', 'default']);
      return;
    }
    const manager = this.launchProgram('kube-controller-manager', this.managerArguments());
    await manager.until('made the default account', async () => (await this.tryKubectl(['get', 'serviceaccount', 'default'])).status === 0);
  }

  private launchProgram(name: string, args: string[]): Program {
    const program = Program.start(this.within([part(name), ...args]), { log: join(this.folder, `${name}.log`) });
    this.programs.push(program);
    return program;
  }

  private apiServerArguments(port: number, etcd: string): string[] {
    const { authority } = this;
    return [
      ...[
        '--etcd-servers',
        etcd,
        '--bind-address',
        this.options.place ? '0.0.0.0' : '127.0.0.1',
        '--advertise-address',
        this.address,
        '--secure-port',
        String(port),
      ],
      ...[
        '--tls-cert-file',
        authority.path('apiserver.crt'),
        '--tls-private-key-file',
        authority.path('apiserver.key'),
        '--client-ca-file',
        authority.path('ca.crt'),
      ],
      ...[
        '--authorization-mode',
        'Node,RBAC',
        '--anonymous-auth=false',
        '--allow-privileged=true',
        '--service-cluster-ip-range',
        '10.96.0.0/16',
      ],
      ...[
        '--service-account-issuer',
        'https://kubernetes.default.svc',
        '--service-account-signing-key-file',
        authority.path('service-accounts.key'),
      ],
      ...['--proxy-client-cert-file', authority.path('front-proxy.crt'), '--proxy-client-key-file', authority.path('front-proxy.key')],
      ...['--requestheader-client-ca-file', authority.path('ca.crt'), '--requestheader-allowed-names', 'front-proxy-client'],
      ...['--requestheader-username-headers', 'X-Remote-User', '--requestheader-group-headers', 'X-Remote-Group'],
      ...['--requestheader-extra-headers-prefix', 'X-Remote-Extra-'],
      ...['--service-account-key-file', authority.path('service-accounts.key')],
      ...['--audit-policy-file', join(this.folder, 'audit-policy.yaml'), '--audit-log-path', join(this.folder, 'audit.log')],
      ...(this.options.emulatedVersion ? [`--emulated-version=${this.options.emulatedVersion}`] : []),
      ...(this.options.place?.apiServerArguments ?? ['--endpoint-reconciler-type', 'none']),
    ];
  }

  private managerArguments(): string[] {
    const { authority } = this;
    const without = this.options.controllers === 'all' ? [] : nodeControllers.map((name) => `-${name}`);
    return [
      // At the default rate of 20 requests a second its own start takes 4 s longer.
      ...['--kubeconfig', join(this.folder, 'kube-controller-manager.kubeconfig'), '--kube-api-qps', '500', '--kube-api-burst', '1000'],
      ...['--secure-port', '0', '--leader-elect=false', '--controllers', ['*', ...without].join(','), '--use-service-account-credentials'],
      ...['--root-ca-file', authority.path('ca.crt'), '--service-account-private-key-file', authority.path('service-accounts.key')],
      ...['--cluster-signing-cert-file', authority.path('ca.crt'), '--cluster-signing-key-file', authority.path('ca.key')],
    ];
  }
}

function podOf(workload: Manifest): Manifest[] {
  const template = (workload.spec?.jobTemplate?.spec ?? workload.spec)?.template;
  if (!template) {
    return [];
  }
  const claims = (workload.spec.volumeClaimTemplates ?? []).map(({ metadata: { name } }: Manifest) => ({
    name,
    persistentVolumeClaim: { claimName: name },
  }));
  return [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...template.metadata, name: `${workload.metadata.name}-template`, namespace: workload.metadata.namespace },
      spec: { ...template.spec, volumes: [...(template.spec.volumes ?? []), ...claims] },
    },
  ];
}
