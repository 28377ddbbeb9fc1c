import { type ApiObject, Size } from 'cdk8s';
import { Cpu, type INetworkPolicyPeer, type IPodSelector, type NetworkPolicyPeerConfig } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { serviceAccount } from '../kubernetes/access';
import { type Checks, checkProps, kubernetesName, objectName, required, size, struct, text } from '../kubernetes/checks';
import { type Endpoint, Reach } from '../kubernetes/endpoint';
import { Images } from '../kubernetes/images';
import type { WorkloadIdentity } from '../kubernetes/labels';
import { loginSecretKey, loginSecretName, schemaName, serviceHost, workloadName } from '../kubernetes/names';
import { isolate } from '../kubernetes/network-edges';
import { podSelector } from '../kubernetes/peer';
import { Problems } from '../kubernetes/problems';
import { SecretKey } from '../kubernetes/secret-key';
import { identityOf, type WorkloadProps, workloadChecks } from '../kubernetes/workload';
import { type ClickHouseLogin, ClickHouseUser, type IClickHouse } from './clickhouse';
import { createClickHouseObjects } from './clickhouse-objects';
import { clickHousePath, serverConfiguration } from './configuration/server-configuration';
import { minMemory, sizing } from './configuration/sizing';
import { usersConfiguration } from './configuration/users-configuration';
import { clickHousePort } from './ports';
import { type Retention, retentionCheck, retentionOf } from './schema/retention';
import { TelemetrySchema } from './schema/telemetry-schema';

/** The disk of the store. */
export interface ClickHouseStorage {
  /**
   * It cannot be changed by applying another YAML: where the storage class allows it, the claim itself is made larger.
   * Merges need free space: plan for twice what is to be kept.
   */
  readonly size: Size;
  /**
   * The StorageClass of the claim.
   * @default - the cluster's default storage class
   */
  readonly storageClass?: string;
}

/** Properties of a ClickHouseCluster. */
export interface ClickHouseClusterProps extends WorkloadProps {
  /**
   * How long each signal is kept. What is left out keeps its default; tables that are there already follow.
   * @default - logs 30 days, traces 14 days, metrics 395 days
   */
  readonly retention?: Retention;
  /**
   * The disk of the data. It outlives the StatefulSet.
   * @default - 100 GiB of the cluster's default storage class
   */
  readonly storage?: ClickHouseStorage;
  /**
   * The database that holds the tables of telemetry.
   * @default 'otel'
   */
  readonly database?: string;
}

/**
 * A ClickHouse server that keeps telemetry, with its tables. Memory, caches, merges and limits of queries follow from the size of its container
 * (at least 2 GiB; by default half a CPU as request and 4 GiB). Passwords are the Secrets `clickhouse-admin`, `clickhouse-writer` and `clickhouse-reader`, each with the one key `password`;
 * only their hashes reach the server.
 *
 * @example
 * const clickhouse = new ClickHouseCluster(chart, 'ClickHouse', {
 *   retention: { logs: Duration.days(14) },
 *   storage: { size: Size.gibibytes(500), storageClass: 'gp3' },
 *   resources: { cpu: Cpu.units(4), memory: Size.gibibytes(16) },
 * });
 */
export class ClickHouseCluster extends Construct implements IClickHouse, INetworkPolicyPeer {
  readonly nativeEndpoint: Endpoint;
  readonly httpEndpoint: Endpoint;
  /** The server's own metrics, in the format of Prometheus: a PrometheusAgent that is told of the store scrapes them. */
  readonly metricsEndpoint?: Endpoint;
  readonly database: string;
  /** How long it keeps telemetry, of each signal. */
  readonly retention?: Retention;
  /** The StatefulSet. */
  readonly workload: ApiObject;
  /** The server's address. */
  readonly service: ApiObject;
  /** Names the pod itself. */
  readonly headlessService: ApiObject;
  /** The server's configuration. */
  readonly configMap: ApiObject;
  /** The account of its pod. It has no rights and no token. */
  readonly serviceAccount: ApiObject;
  /** The tables, and the Job that makes them. */
  readonly schema: TelemetrySchema;
  private readonly identity: WorkloadIdentity;
  private readonly isolated: boolean;

  /** @throws if a property is wrong, with all that is wrong */
  constructor(scope: Construct, id: string, props: ClickHouseClusterProps = {}) {
    super(scope, id);
    this.check(props);
    this.identity = identityOf(this, props, { name: workloadName.clickhouse, component: 'store', program: 'clickhouse' });
    this.isolated = props.networkPolicies ?? true;
    this.database = props.database ?? 'otel';
    this.retention = retentionOf(props.retention);
    this.httpEndpoint = this.endpoint(clickHousePort.http);
    this.nativeEndpoint = this.endpoint(clickHousePort.native);
    this.metricsEndpoint = this.endpoint(clickHousePort.metrics);
    this.serviceAccount = serviceAccount(this, this.identity);
    ({
      workload: this.workload,
      service: this.service,
      headlessService: this.headlessService,
      configMap: this.configMap,
    } = this.createObjects(props));
    if (this.isolated) {
      isolate(this, this.identity);
    }
    this.schema = this.createSchema(props);
  }

  /** The Secrets that the three users log in with. */
  login(user: ClickHouseUser): ClickHouseLogin {
    return { username: user, password: SecretKey.of(loginSecretName(this.identity.name, user), loginSecretKey) };
  }

  /** @see https://cdk8s.io/docs/latest/plus/cdk8s-plus-27/network-policy/ */
  toNetworkPolicyPeerConfig(): NetworkPolicyPeerConfig {
    return { podSelector: this.toPodSelector()?.toPodSelectorConfig() };
  }

  toPodSelector(): IPodSelector | undefined {
    return podSelector(this, this.identity);
  }

  private check(props: ClickHouseClusterProps): void {
    const problems = Problems.of(this);
    problems.add(...checkProps(props, clusterChecks));
    problems.throwIfAny();
  }

  private endpoint(port: number): Endpoint {
    return { host: serviceHost(this.identity.name, this.identity.namespace), port, reach: Reach._workload(this.identity, this.isolated) };
  }

  private createObjects(props: ClickHouseClusterProps) {
    const resources = props.resources ?? { cpu: Cpu.millis(500), memory: Size.gibibytes(4) };
    const sizes = sizing(resources);
    const password = (user: ClickHouseUser) => this.login(user).password;
    return createClickHouseObjects(this, {
      identity: this.identity,
      image: (props.images ?? Images.upstream())._reference('clickhouse'),
      resources,
      storage: props.storage ?? { size: Size.gibibytes(100) },
      passwords: {
        admin: password(ClickHouseUser.ADMIN),
        reader: password(ClickHouseUser.READER),
        writer: password(ClickHouseUser.WRITER),
      },
      files: {
        [clickHousePath.serverFile]: serverConfiguration(sizes),
        [clickHousePath.usersFile]: usersConfiguration(this.database, sizes),
      },
    });
  }

  private createSchema(props: ClickHouseClusterProps): TelemetrySchema {
    const { namespace, name } = this.identity;
    const { images, networkPolicies, retention } = props;
    return new TelemetrySchema(this, 'Schema', { clickhouse: this, name: schemaName(name), namespace, images, networkPolicies, retention });
  }
}

const clusterChecks: Checks<ClickHouseClusterProps> = {
  ...workloadChecks(minMemory),
  // `-schema` is put behind it.
  name: kubernetesName(33),
  retention: retentionCheck,
  storage: struct<ClickHouseStorage>({ size: required(size(Size.gibibytes(1), Size.tebibytes(64))), storageClass: objectName }),
  database: text({
    max: 63,
    pattern: /^(?!(system|default|information_schema|table)$)[a-z][a-z0-9_]*$/,
    allowed: "1 to 63 lower-case letters, digits and '_', a letter first; not `system`, `default`, `information_schema` or `table`",
  }),
};
