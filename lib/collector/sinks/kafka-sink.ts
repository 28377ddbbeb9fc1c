import { boolean, type Checks, checkProps, list, required, struct, text } from '../../kubernetes/checks';
import { Reach, reachCheck } from '../../kubernetes/endpoint';
import { type Problem, shown, throwIfAny } from '../../kubernetes/problems';
import { type SecretKey, secretKey } from '../../kubernetes/secret-key';
import { hostAndPort, hostWithPort } from '../../kubernetes/url';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { Signal, type SignalName } from '../signal';
import { Sink, type SinkBinding } from '../sink';
import type { CollectorContext } from '../source';
import { sending } from './sending-queue';
import { type FurtherSinkOptions, furtherSinkChecks, routed } from './sink-options';

/** Who a KafkaSink is to the brokers, by SASL with SCRAM-SHA-512. */
export interface KafkaLogin {
  /** The user's name. */
  readonly username: SecretKey;
  /** The user's password. */
  readonly password: SecretKey;
}

/** Topics, one a signal. */
export interface KafkaTopics {
  /**
   * Of log records.
   * @default otlp_logs
   */
  readonly logs?: string;
  /**
   * Of metrics.
   * @default otlp_metrics
   */
  readonly metrics?: string;
  /**
   * Of spans.
   * @default otlp_spans
   */
  readonly traces?: string;
}

/** Properties of a KafkaSink. */
export interface KafkaSinkProps extends FurtherSinkOptions {
  /** Addresses with ports to begin with, e.g. `kafka-bootstrap.kafka.svc:9093`; the brokers name the others. */
  readonly brokers: string[];
  /**
   * Where each signal goes. They have to exist, or be made by the brokers.
   * @default - otlp_logs, otlp_metrics, otlp_spans
   */
  readonly topics?: KafkaTopics;
  /**
   * Whether the connections are encrypted.
   * @default true
   */
  readonly tls?: boolean;
  /**
   * The authority that signed the brokers' certificates, as PEM.
   * @default - one that every system knows
   */
  readonly caCertificate?: SecretKey;
  /**
   * How it logs in.
   * @default - it does not
   */
  readonly login?: KafkaLogin;
  /**
   * What a NetworkPolicy can say about who answers there: all brokers, not only those that are named.
   * @default Reach.anywhere()
   */
  readonly reach?: Reach;
}

/**
 * Writes OTLP, as protobuf, to topics of Kafka. Spans of a trace and points of a resource keep their order, as they are in one partition.
 *
 * @example
 * const kafka = new KafkaSink({ brokers: ['kafka-bootstrap.kafka.svc:9093'], login: { username: SecretKey.of('kafka', 'user'), password: SecretKey.of('kafka', 'password') } });
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/exporter/kafkaexporter
 */
export class KafkaSink extends Sink {
  /** @throws if a property is wrong, with all that is wrong */
  constructor(private readonly props: KafkaSinkProps) {
    super();
    throwIfAny('KafkaSink', problems(props));
  }

  bind(context: CollectorContext): SinkBinding {
    const dropsWhenFull = this.props.dropsWhenFull ?? true;
    return { ...routed(this.props, (signal) => this.exporter(context, signal, dropsWhenFull)), dropsWhenFull };
  }

  private exporter(context: CollectorContext, signal: SignalName, dropsWhenFull: boolean): Component {
    const { brokers, topics = {}, tls = true, caCertificate, login, name, reach = Reach.anywhere() } = this.props;
    return Component.exporter({
      componentType: 'kafka',
      name: name ? `${name}-${signal}` : signal,
      config: {
        brokers: brokers.map((broker) => ConfigValue.connect({ ...hostAndPort(broker), reach })),
        client_id: context.name,
        tls: tls ? { insecure: false, ca_file: caCertificate && ConfigValue.secretFile(caCertificate) } : undefined,
        auth: login && {
          sasl: {
            mechanism: 'SCRAM-SHA-512',
            username: ConfigValue.secret(login.username),
            password: ConfigValue.secret(login.password),
          },
        },
        [signal]: { topic: topics[signal] ?? defaultTopics[signal], encoding: 'otlp_proto' },
        ...partitions[signal],
        producer: { required_acks: -1, compression: 'zstd', max_message_bytes: messageBytes },
        timeout: '30s',
        ...sending(context, signal, {
          consumers: 2,
          sizer: 'bytes',
          minBatch: 128 * 1024,
          maxBatch: messageBytes / 2,
          flushAfter: '1s',
          dropsWhenFull,
        }),
      },
    });
  }
}

/** What brokers take of themselves. */
const messageBytes = 1_000_000;

const defaultTopics: Required<KafkaTopics> = { logs: 'otlp_logs', metrics: 'otlp_metrics', traces: 'otlp_spans' };

const partitions: Record<SignalName, object> = {
  logs: {},
  metrics: { partition_metrics_by_resource_attributes: true },
  traces: { partition_traces_by_id: true },
};

const topic = text({ max: 249, pattern: /^[\w.-]+$/, allowed: "1 to 249 letters, digits, '.', '_' and '-'" });

const checks: Checks<KafkaSinkProps> = {
  ...furtherSinkChecks,
  brokers: required(list(hostWithPort, { min: 1 })),
  topics: struct<KafkaTopics>({ logs: topic, metrics: topic, traces: topic }),
  tls: boolean,
  caCertificate: secretKey,
  login: struct<KafkaLogin>({ username: required(secretKey), password: required(secretKey) }),
  reach: reachCheck,
};

function problems(props: KafkaSinkProps): Problem[] {
  const wrong = checkProps(props, checks);
  if (wrong.length > 0) {
    return wrong;
  }
  const { tls, caCertificate, topics = {}, signals = Object.values(Signal) } = props;
  const used = [...new Set(signals)].map((signal) => [signal, topics[signal] ?? defaultTopics[signal]]);
  const shared = used.filter(([, topic], index) => used.findIndex(([, other]) => other === topic) !== index);
  const unused = Object.values(Signal).filter((signal) => topics[signal] !== undefined && !signals.includes(signal));
  return [
    ...(tls === false && caCertificate
      ? [{ where: 'caCertificate', given: 'an authority, and `tls: false`', allowed: 'one of the two' }]
      : []),
    ...shared.map(([signal, topic]) => ({
      where: `topics.${signal}`,
      given: `${shown(topic)}, which is that of ${used.find(([, other]) => other === topic)?.[0]} too`,
      allowed: 'a topic for each signal: what a message holds is not said in it',
    })),
    ...unused.map((signal) => ({
      where: `topics.${signal}`,
      given: `${shown(topics[signal])}, and \`signals\` without it`,
      allowed: `topics of ${signals.join(', ')}`,
    })),
  ];
}
