import { type Checks, checkProps, instance, kubernetesName, list, refuse, required, text } from '../../kubernetes/checks';
import { throwIfAny } from '../../kubernetes/problems';
import { type SecretKey, secretKey } from '../../kubernetes/secret-key';
import type { Metric } from '../../telemetry/metric';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { selectMetrics } from './metric-selection';
import { holdsSecret } from './secrets-within';

/** Whose pods a receiver is started for. */
export interface DiscoveredPods {
  /**
   * Namespaces of the pods. With a secret they have to be said: whoever may annotate a pod there is sent it.
   * @default - all, where there is no secret
   */
  readonly namespaces?: string[];
}

/** Properties of a receiver for Redis. */
export interface DiscoveredRedisProps extends DiscoveredPods {
  /**
   * The user, where Redis knows users.
   * @default - the default user
   */
  readonly username?: string;
  /**
   * Its password, in a Secret of the agent's namespace.
   * @default - none
   */
  readonly password?: SecretKey;
}

/** Properties of a receiver for nginx. */
export interface DiscoveredNginxProps extends DiscoveredPods {
  /**
   * Where `stub_status` is.
   * @default '/nginx_status'
   */
  readonly statusPath?: string;
}

/** Properties of a receiver for PostgreSQL. */
export interface DiscoveredPostgreSqlProps extends DiscoveredPods {
  /** A user with the role `pg_monitor`. */
  readonly username: string;
  /** Its password, in a Secret of the agent's namespace. The receiver takes none with a space or a quote. */
  readonly password: SecretKey;
}

/** Properties of any other receiver. */
export interface DiscoveredReceiverProps extends DiscoveredPods {
  /** Its type, e.g. `memcached`: what the annotation `io.opentelemetry.discovery.metrics/scraper` says. */
  readonly componentType: string;
  /**
   * Its configuration. `endpoint` is the address and port that was found, unless it stands here: `` http://`endpoint`/status ``.
   * @default - the receiver's own
   */
  // biome-ignore lint/suspicious/noExplicitAny: jsii has no other word for a configuration
  readonly config?: Record<string, any>;
  /**
   * The metrics that it gives.
   * @default - none that are known beforehand
   */
  readonly metrics?: Metric[];
}

/** A receiver that is started for each pod that asks for it. Its configuration stands here, not in the pod's annotations: it runs with the agent's rights. */
export class DiscoveredReceiver {
  /**
   * Clients, commands, keys, memory and traffic of Redis: `scraper: redis`.
   * @throws if a property is wrong
   * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/redisreceiver
   */
  static redis(props: DiscoveredRedisProps = {}): DiscoveredReceiver {
    refuse<DiscoveredRedisProps>('DiscoveredReceiver.redis', props, {
      username: text({ max: 63 }),
      password: props?.username ? required(secretKey) : secretKey,
      namespaces: props?.password ? required(namespaces) : namespaces,
    });
    const { config, metrics } = redis();
    const login = { username: props.username, password: props.password && ConfigValue.secret(props.password) };
    return new DiscoveredReceiver('redis', { ...login, metrics: config }, metrics, props.namespaces);
  }

  /**
   * Requests and connections of nginx, from its `stub_status`: `scraper: nginx`.
   * @throws if a property is wrong
   * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/nginxreceiver
   */
  static nginx(props: DiscoveredNginxProps = {}): DiscoveredReceiver {
    refuse<DiscoveredNginxProps>('DiscoveredReceiver.nginx', props, {
      statusPath: text({ pattern: /^\/[^\s`]*$/, allowed: 'a path: /nginx_status' }),
      namespaces,
    });
    const { config, metrics } = nginx();
    return new DiscoveredReceiver(
      'nginx',
      { endpoint: `http://\`endpoint\`${props.statusPath ?? '/nginx_status'}`, metrics: config },
      metrics,
      props.namespaces,
    );
  }

  /**
   * Connections, transactions, deadlocks and size of each database of PostgreSQL, asked in plain text: `scraper: postgresql`.
   * @throws if a property is wrong
   * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/postgresqlreceiver
   */
  static postgreSql(props: DiscoveredPostgreSqlProps): DiscoveredReceiver {
    refuse<DiscoveredPostgreSqlProps>('DiscoveredReceiver.postgreSql', props, {
      username: required(text({ max: 63 })),
      password: required(secretKey),
      namespaces: required(namespaces),
    });
    const { config, metrics } = postgreSql();
    const login = { username: props.username, password: ConfigValue.secret(props.password) };
    return new DiscoveredReceiver('postgresql', { ...login, tls: { insecure: true }, metrics: config }, metrics, props.namespaces);
  }

  /**
   * Any receiver of metrics that the collector's image has.
   * @throws if a property is wrong, the receiver has no such field, or a secret has no namespaces to go to, with all that is wrong
   */
  static of(props: DiscoveredReceiverProps): DiscoveredReceiver {
    const problems = checkProps<DiscoveredReceiverProps>(props, ofChecks);
    const sentToAnybody = problems.length === 0 && !props.namespaces && holdsSecret(props.config);
    throwIfAny('DiscoveredReceiver.of', sentToAnybody ? [{ where: 'namespaces', ...forSecrets }] : problems);
    return new DiscoveredReceiver(props.componentType, props.config ?? {}, props.metrics ?? [], props.namespaces);
  }

  private constructor(
    /** @internal */
    readonly _type: string,
    /** @internal */
    readonly _config: Record<string, unknown>,
    /** @internal */
    readonly _metrics: Metric[],
    /** @internal */
    readonly _namespaces?: string[],
  ) {
    // Its fields are checked here, as those of receivers that stand in a pipeline are.
    Component.receiver({ componentType: _type, config: { endpoint: 'found.example:1', collection_interval: '60s', ..._config } });
  }
}

const redis = () =>
  selectMetrics('redis', [
    'redis.clients.blocked',
    'redis.clients.connected',
    'redis.commands.processed',
    'redis.connections.received',
    'redis.connections.rejected',
    'redis.keys.evicted',
    'redis.keys.expired',
    'redis.keyspace.hits',
    'redis.keyspace.misses',
    'redis.memory.fragmentation_ratio',
    'redis.memory.used',
    'redis.net.input',
    'redis.net.output',
    'redis.slaves.connected',
    'redis.uptime',
  ]);

const nginx = () =>
  selectMetrics('nginx', ['nginx.connections_accepted', 'nginx.connections_current', 'nginx.connections_handled', 'nginx.requests']);

const postgreSql = () =>
  selectMetrics('postgresql', [
    'postgresql.backends',
    'postgresql.blks_hit',
    'postgresql.blks_read',
    'postgresql.commits',
    'postgresql.connection.max',
    'postgresql.db_size',
    'postgresql.deadlocks',
    'postgresql.rollbacks',
    'postgresql.temp_files',
  ]);

const namespaces = list(kubernetesName(), { min: 1 });

const forSecrets = { given: 'nothing, with a secret in `config`', allowed: 'the namespaces whose pods are sent it' };

const ofChecks: Checks<DiscoveredReceiverProps> = {
  componentType: required(text({ pattern: /^[a-z][a-z0-9_]{0,62}$/, allowed: 'the type of a receiver, e.g. memcached' })),
  config: (value, where) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? []
      : [{ where, given: String(value), allowed: 'an object of fields' }],
  metrics: list(instance('a Metric', 'name', 'instrument')),
  namespaces,
};
