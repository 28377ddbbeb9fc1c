import { type ApiObject, Size } from 'cdk8s';
import { Cpu, type INetworkPolicyPeer, type IPodSelector, type NetworkPolicyPeerConfig } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { clickHouseCheck, type IClickHouse } from '../clickhouse/clickhouse';
import type { ITelemetryProducer } from '../collector/collector';
import { serviceAccount } from '../kubernetes/access';
import { type Checks, checkProps, instance, list, objectName, required, size, struct, text } from '../kubernetes/checks';
import { type Endpoint, fromPeer, peerCheck, Reach } from '../kubernetes/endpoint';
import { Images, shippedImages } from '../kubernetes/images';
import { labels, type WorkloadIdentity } from '../kubernetes/labels';
import { encryptionSecretKey, encryptionSecretName, loginSecretKey, loginSecretName, serviceHost, workloadName } from '../kubernetes/names';
import { admit, allowConnections, isolate, tcp } from '../kubernetes/network-edges';
import { object } from '../kubernetes/object';
import { podSelector } from '../kubernetes/peer';
import { type Problem, Problems } from '../kubernetes/problems';
import type { Resources } from '../kubernetes/resources';
import { SecretKey } from '../kubernetes/secret-key';
import { warn } from '../kubernetes/warnings';
import { identityOf, type WorkloadProps, workloadChecks } from '../kubernetes/workload';
import { type AlertRuleProps, watchdogName } from './alert-rule';
import { Content } from './content';
import { type Dashboard, type DashboardProps, dashboardModel } from './dashboard';
import { dataSourcesFile } from './data-source';
import { onCallFile, rulesFile } from './files/alerting-files';
import { dashboardFileOf, dashboardPath, providersFile } from './files/dashboard-files';
import { dashboardFile, provisioningFile } from './files/provisioning-file';
import type { IGrafana } from './grafana';
import { createGrafanaObjects, dashboardKey, type GrafanaObjects, type ProvisioningFile, secretPath } from './grafana-objects';
import { type OnCall, onCallCheck, onCallEndpoints, onCallWarnings } from './on-call';
import { Plugins } from './plugin';
import { runbooks } from './runbooks';
import { SecretVariables } from './secret-variables';
import { grafanaPort, settings } from './settings';

/** The disk of Grafana: users, silences, what fires, and the downloaded plugin. */
export interface GrafanaStorage {
  /**
   * The claim's size.
   * @default Size.gibibytes(5)
   */
  readonly size?: Size;
  /**
   * The StorageClass of the claim.
   * @default - the cluster's default storage class
   */
  readonly storageClass?: string;
}

/** Options of a GrafanaStack, without what it is wired to. */
export interface GrafanaStackOptions extends WorkloadProps {
  /**
   * The address that people open, e.g. of your Ingress. It stands in messages. Of a host that is Grafana's alone: no path.
   * @default - none: Grafana is reached by `kubectl port-forward`, at http://localhost:3000
   */
  readonly url?: string;
  /**
   * The disk for silences, users and plugins.
   * @default - 5 GiB of the cluster's default storage class
   */
  readonly storage?: GrafanaStorage;
  /**
   * Where the ClickHouse data source comes from.
   * @default Plugins.fromGrafanaCom()
   */
  readonly plugins?: Plugins;
  /**
   * Where the runbooks of the library's own rules lie: `NAME.md` of each is put behind it.
   * @default - the library's documentation, as of this release
   */
  readonly runbookBaseUrl?: string;
  /**
   * Who may connect, e.g. the pods of your Ingress controller. `kubectl port-forward` works in any case.
   * @default - nobody
   */
  readonly clients?: INetworkPolicyPeer[];
  /**
   * Names of alert rules that were once added and are no longer: Grafana keeps a rule that its files do not name any more, until they say that it has to go.
   * @default - none
   */
  readonly removedAlertRules?: string[];
}

/** Properties of a GrafanaStack. */
export interface GrafanaStackProps extends GrafanaStackOptions {
  /** The store that dashboards and rules read. */
  readonly clickhouse: IClickHouse;
  /**
   * Who says which metrics there are: the collectors. Panels and rules of the library that read a metric which nobody gives are left out and listed;
   * a panel or rule of your own that does so is an error.
   * @default - a statement that every metric is there: all dashboards and rules of the library stay
   */
  readonly producers?: ITelemetryProducer[];
  /**
   * Who is told of alerts, and how.
   * @default - nobody, with a warning: alerts are evaluated and seen in Grafana only
   */
  readonly onCall?: OnCall;
}

/**
 * Grafana with the store as its data source, dashboards for cluster, services and logs, alert rules and who is told of them. One replica with a claim;
 * everything in it comes from files, so that what is here is what runs.
 *
 * @example
 * new GrafanaStack(chart, 'Grafana', { clickhouse, producers: [gateway] });
 */
export class GrafanaStack extends Construct implements IGrafana, INetworkPolicyPeer {
  /** Grafana's Deployment. */
  readonly workload: ApiObject;
  /** Grafana's address within the cluster. */
  readonly service: ApiObject;
  /** The account of its pod. It has no rights and no token. */
  readonly serviceAccount: ApiObject;
  /** The disk: losing it loses silences and what was made by hand. */
  readonly claim: ApiObject;
  /** Data source, providers of dashboards, contact points, policies and rules. */
  readonly configMap: ApiObject;
  /** Where it answers in the cluster. */
  readonly endpoint: Endpoint;
  /** Panels and rules of the library that are not there, each with the metrics that nobody gives. */
  readonly leftOut: string[];
  /** @internal */
  readonly _identity: WorkloadIdentity;
  private readonly content: Content;
  private readonly database: string;

  /** @throws if a property is wrong or properties contradict each other, with all that is wrong */
  constructor(scope: Construct, id: string, props: GrafanaStackProps) {
    super(scope, id);
    this.check(props);
    this._identity = identityOf(this, props, {
      name: workloadName.grafana,
      component: 'grafana',
      program: 'grafana',
      version: shippedImages.grafana.tag,
    });
    this.endpoint = {
      host: serviceHost(this._identity.name, this._identity.namespace),
      port: grafanaPort,
      reach: Reach._workload(this._identity, props.networkPolicies ?? true),
    };
    this.database = props.clickhouse.database;
    this.content = new Content(
      props.producers?.flatMap(({ metrics }) => metrics),
      (props.runbookBaseUrl ?? runbooks).replace(/\/$/, ''),
    );
    this.leftOut = this.content.leftOut;
    this.serviceAccount = serviceAccount(this, this._identity);
    const { workload, service, claim, configMap } = this.createObjects(props);
    this.workload = workload;
    this.service = service;
    this.claim = claim;
    this.configMap = configMap;
    for (const dashboard of this.content.dashboards) {
      this.createDashboard(dashboard);
    }
    this.createPolicies(props, props.networkPolicies ?? true);
    this.warn(props);
  }

  addDashboard(props: DashboardProps): void {
    const { problems, dashboard } = this.content.addDashboard(props);
    this.refuse(`addDashboard(${nameOf(props?.uid)})`, problems);
    if (dashboard) {
      this.createDashboard(dashboard);
    }
  }

  addAlertRule(props: AlertRuleProps): void {
    this.refuse(`addAlertRule(${nameOf(props?.name)})`, this.content.addRule(props));
  }

  /** @internal Names of the metrics that its panels and rules read, as far as they have been added. */
  get _reads(): ReadonlySet<string> {
    return this.content.reads();
  }

  /** @see https://cdk8s.io/docs/latest/plus/cdk8s-plus-27/network-policy/ */
  toNetworkPolicyPeerConfig(): NetworkPolicyPeerConfig {
    return { podSelector: this.toPodSelector()?.toPodSelectorConfig() };
  }

  toPodSelector(): IPodSelector | undefined {
    return podSelector(this, this._identity);
  }

  private check(props: GrafanaStackProps): void {
    const problems = Problems.of(this);
    problems.add(...checkProps(props, grafanaChecks));
    problems.throwIfAny();
  }

  private createObjects(props: GrafanaStackProps): GrafanaObjects {
    const identity = this._identity;
    const plugins = props.plugins ?? Plugins.fromGrafanaCom();
    const resources = props.resources ?? defaultResources;
    const admin = SecretKey.of(loginSecretName(identity.name, 'admin'), loginSecretKey);
    const encryption = SecretKey.of(encryptionSecretName(identity.name), encryptionSecretKey);
    const smtp = props.onCall?.smtp?.password;
    const secrets = new SecretVariables();
    const files = this.provisioningFiles(props, secrets);
    const variables = settings({
      url: props.url,
      plugins,
      onCall: props.onCall,
      resources,
      adminPasswordFile: secretPath(admin),
      secretKeyFile: secretPath(encryption),
      smtpPasswordFile: smtp && secretPath(smtp),
      homeFile: dashboardPath(identity.name, this.content.dashboards[0]),
    });
    return createGrafanaObjects(this, {
      identity,
      image: plugins._image ?? (props.images ?? Images.upstream())._reference('grafana'),
      resources,
      environment: [...variables, ...secrets.environment],
      files,
      dashboards: () => this.content.dashboards.map((dashboard) => dashboardFileOf(identity.name, dashboard)),
      secretFiles: [admin, encryption, ...(smtp ? [smtp] : [])],
      randomSecrets: [admin, encryption],
      storage: { size: props.storage?.size ?? Size.gibibytes(5), storageClass: props.storage?.storageClass },
    });
  }

  /** Written at once where Secrets are referred to, so that the environment is complete; rules and providers when all have been added. */
  private provisioningFiles(props: GrafanaStackProps, secrets: SecretVariables): ProvisioningFile[] {
    const dataSources = provisioningFile(dataSourcesFile(props.clickhouse, secrets));
    const onCall = provisioningFile(onCallFile(props.onCall ?? {}, secrets));
    this.refuse('onCall', secrets.problems);
    return [
      { folder: 'datasources', name: 'datasources.yaml', content: () => dataSources },
      { folder: 'alerting', name: 'on-call.yaml', content: () => onCall },
      { folder: 'alerting', name: 'rules.yaml', content: () => provisioningFile(rulesFile(this.rules(props))) },
      { folder: 'dashboards', name: 'dashboards.yaml', content: () => provisioningFile(providersFile(this.content.dashboards)) },
      // Grafana logs an error for a folder that is not there.
      { folder: 'plugins', name: 'plugins.yaml', content: () => provisioningFile({ apiVersion: 1, apps: [] }) },
    ];
  }

  private rules(props: GrafanaStackProps) {
    const removed = (props.removedAlertRules ?? []).filter((name) => !this.content.rules.some((rule) => rule.props.name === name));
    return {
      rules: this.content.rules,
      watchdog: props.onCall?.heartbeat !== undefined,
      watchdogRunbook: `${(props.runbookBaseUrl ?? runbooks).replace(/\/$/, '')}/${watchdogName}.md`,
      removed: [...new Set([...this.content.rulesLeftOut, ...removed])],
    };
  }

  /** A ConfigMap for each dashboard: one object holds a mebibyte at most. */
  private createDashboard(dashboard: Dashboard): void {
    const text = dashboardFile(dashboardModel(dashboard, this.database));
    const bytes = Buffer.byteLength(text);
    const problem = {
      where: 'panels',
      given: `${dashboard.title}: ${Math.ceil(bytes / 1024)} KiB as a file`,
      allowed: 'at most 900 KiB',
      fix: 'Make two dashboards of it',
    };
    this.refuse(`addDashboard(${nameOf(dashboard.uid)})`, bytes > 900 * 1024 ? [problem] : []);
    if (bytes > 250 * 1024) {
      warn(this, `the dashboard ${dashboard.title} is larger than 250 KiB: only \`kubectl apply --server-side\` takes it`);
    }
    const { name, namespace } = this._identity;
    const { configMap } = dashboardFileOf(name, dashboard);
    object(this, `Dashboard-${dashboard.uid}`, 'v1/ConfigMap', {
      metadata: { name: configMap, namespace, labels: labels(this._identity) },
      data: { [dashboardKey]: text },
    });
  }

  private createPolicies(props: GrafanaStackProps, isolated: boolean): void {
    const download = (props.plugins ?? Plugins.fromGrafanaCom())._endpoint;
    const endpoints = [props.clickhouse.httpEndpoint, ...(download ? [download] : []), ...onCallEndpoints(props.onCall ?? {})];
    if (isolated) {
      isolate(this, this._identity);
    }
    allowConnections(this, this._identity, endpoints, isolated);
    if (isolated && props.clients && props.clients.length > 0) {
      admit(this, this._identity, 'clients', props.clients.flatMap(fromPeer), tcp([grafanaPort]));
    }
  }

  private warn(props: GrafanaStackProps): void {
    for (const warning of onCallWarnings(props.onCall)) {
      warn(this, warning);
    }
    if (props.images?._registry && !props.plugins) {
      warn(
        this,
        `images come from ${props.images._registry}, and Grafana still downloads its ClickHouse data source from grafana.com. Mirror it too: Plugins.fromUrl('https://…zip') or Plugins.inImage(…), or say Plugins.fromGrafanaCom() where the cluster reaches it`,
      );
    }
    if (this.leftOut.length > 0) {
      warn(this, `left out, since nobody gives what they read: ${this.leftOut.join('; ')}`);
    }
  }

  private refuse(what: string, problems: readonly Problem[]): void {
    const all = Problems.of(this);
    all.add(...problems.map((problem) => ({ ...problem, where: `${what} ${problem.where}` })));
    all.throwIfAny();
  }
}

/** Bundled data sources are programs of their own since Grafana 13, and start with it. */
const defaultResources: Resources = { cpu: Cpu.millis(100), memory: Size.gibibytes(1) };

const nameOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const address = text({ max: 2000, pattern: /^https?:\/\/[^\s/@]+(\/\S*)?$/, allowed: 'an address by http or https, without login' });

/** Below a path, probes and proxies would have to agree with Grafana on who takes the path away: a redirected probe passes always. */
const ownHost = text({
  max: 2000,
  pattern: /^https?:\/\/[^\s/@?#]+\/?$/,
  allowed: "an address by http or https, without login and without a path: give Grafana a host of its own, 'https://grafana.acme.example'",
});

const grafanaChecks: Checks<GrafanaStackProps> = {
  ...workloadChecks(Size.mebibytes(512)),
  clickhouse: required(clickHouseCheck),
  producers: list(instance('an ITelemetryProducer: CollectorGateway, NodeAgent, ClusterAgent, PrometheusAgent', 'metrics')),
  onCall: onCallCheck,
  url: ownHost,
  storage: struct<GrafanaStorage>({ size: size(Size.gibibytes(1), Size.tebibytes(1)), storageClass: objectName }),
  plugins: instance('Plugins.fromGrafanaCom(), Plugins.fromUrl(…) or Plugins.inImage(…)', '_settings'),
  runbookBaseUrl: address,
  clients: list(peerCheck),
  removedAlertRules: list(text({ max: 100 })),
};
