import { type Checks, checkProps, required, struct, text } from '../../kubernetes/checks';
import { Reach } from '../../kubernetes/endpoint';
import { type Problem, shown, throwIfAny } from '../../kubernetes/problems';
import { type SecretKey, secretKey } from '../../kubernetes/secret-key';
import { addressOf, urlWithoutPath } from '../../kubernetes/url';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import type { SignalName } from '../signal';
import { Sink, type SinkBinding } from '../sink';
import type { CollectorContext } from '../source';
import { type SendingOptions, sending } from './sending-queue';
import { type FurtherSinkOptions, furtherSinkChecks, routed } from './sink-options';

/** A pair of keys for an object storage. */
export interface ObjectStorageKeys {
  /** The id of the key. */
  readonly accessKeyId: SecretKey;
  /** The key. */
  readonly secretAccessKey: SecretKey;
}

/** Properties of an ObjectStorageSink. */
export interface ObjectStorageSinkProps extends FurtherSinkOptions {
  /** The bucket. */
  readonly bucket: string;
  /** The region that it is in, e.g. `eu-central-1`; an object storage of one's own takes any. */
  readonly region: string;
  /**
   * What objects' names begin with; a folder for each signal stands behind it.
   * @default otlp
   */
  readonly prefix?: string;
  /**
   * Where it is, if it is not Amazon's. The bucket's name stands in the path then, not in the host's name.
   * @default - Amazon S3 in the region
   */
  readonly endpoint?: string;
  /**
   * Keys to log in with.
   * @default - what the pod is given: an annotation of `serviceAccount` with a role, or the node's role
   */
  readonly keys?: ObjectStorageKeys;
}

/**
 * Keeps telemetry as objects of an S3 bucket, for a later day: OTLP as protobuf, gzipped, in folders by the hour. An object is written when 8 MiB are there, or a minute is over.
 *
 * @example
 * const archive = new ObjectStorageSink({ bucket: 'acme-telemetry', region: 'eu-central-1', signals: [Signal.LOGS] });
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/exporter/awss3exporter
 */
export class ObjectStorageSink extends Sink {
  /** @throws if a property is wrong, with all that is wrong */
  constructor(private readonly props: ObjectStorageSinkProps) {
    super();
    throwIfAny('ObjectStorageSink', problems(props));
  }

  bind(context: CollectorContext): SinkBinding {
    const dropsWhenFull = this.props.dropsWhenFull ?? true;
    return { ...routed(this.props, (signal) => this.exporter(context, signal, dropsWhenFull)), dropsWhenFull };
  }

  private exporter(context: CollectorContext, signal: SignalName, dropsWhenFull: boolean): Component {
    const { bucket, region, prefix = 'otlp', name, keys } = this.props;
    const own = this.props.endpoint ? addressOf(this.props.endpoint, {}) : undefined;
    const amazon = { host: `s3.${region}.amazonaws.com`, port: 443, reach: Reach.anywhere() };
    const login = keys && { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey };
    return Component.exporter({
      componentType: 'awss3',
      name: name ? `${name}-${signal}` : signal,
      config: {
        s3uploader: {
          region: ConfigValue._withVariables(ConfigValue.reaching(region, own?.endpoint ?? amazon), login ?? {}),
          s3_bucket: bucket,
          s3_prefix: `${prefix}/${signal}`,
          s3_partition_format: 'year=%Y/month=%m/day=%d/hour=%H',
          // With the pod's name, so that two pods never write one object.
          file_prefix: ConfigValue.concat(ConfigValue.podField('POD_NAME', 'metadata.name'), '_'),
          endpoint: own && ConfigValue.connect(own.endpoint, own.scheme),
          s3_force_path_style: own ? true : undefined,
          compression: 'gzip',
        },
        marshaler: 'otlp_proto',
        timeout: '60s',
        ...sending(context, signal, { ...batches, dropsWhenFull }),
      },
    });
  }
}

const objectBytes = 8 * 1024 * 1024;
const batches: SendingOptions = { consumers: 2, sizer: 'bytes', minBatch: objectBytes, maxBatch: 2 * objectBytes, flushAfter: '60s' };

const bucketName = text({
  max: 63,
  pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  allowed: "3 to 63 lower-case letters, digits, '-' and '.', as names of buckets are: no `s3://`, and no folder, which is `prefix`",
});

const checks: Checks<ObjectStorageSinkProps> = {
  ...furtherSinkChecks,
  bucket: required(bucketName),
  region: required(text({ max: 63, pattern: /^[a-z0-9-]+$/, allowed: 'a region, e.g. eu-central-1' })),
  prefix: text({
    max: 512,
    pattern: /^[\w.=-]+(\/[\w.=-]+)*$/,
    allowed: "letters, digits, '.', '_', '=', '-', and '/' between them: one first or last would be a folder without a name",
  }),
  endpoint: urlWithoutPath,
  keys: struct<ObjectStorageKeys>({ accessKeyId: required(secretKey), secretAccessKey: required(secretKey) }),
};

/** Hosts under which providers put names of buckets; elsewhere a host may begin like a bucket. */
const ofBuckets =
  /^s3[.-]|(^|\.)(amazonaws\.com|digitaloceanspaces\.com|r2\.cloudflarestorage\.com|storage\.googleapis\.com|wasabisys\.com|backblazeb2\.com)$/;

function problems(props: ObjectStorageSinkProps): Problem[] {
  const wrong = checkProps(props, checks);
  if (wrong.length > 0) {
    return wrong;
  }
  const { bucket, region, endpoint } = props;
  const host = endpoint ? addressOf(endpoint, {}).endpoint.host : '';
  const zone = endpoint ? null : /^(.+-\d)[a-z]$/.exec(region);
  return [
    ...(host.startsWith(`${bucket}.`) && ofBuckets.test(host.slice(bucket.length + 1))
      ? [
          {
            where: 'endpoint',
            given: `${shown(endpoint)}, with the bucket in the host`,
            allowed: `the address without it: ${endpoint?.replace(`//${bucket}.`, '//')}`,
          },
        ]
      : []),
    ...(zone ? [{ where: 'region', given: `the zone ${region}`, allowed: `its region, ${zone[1]}` }] : []),
  ];
}
