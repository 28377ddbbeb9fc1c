// Where upstream's schemas are silent, or say something else than the collector does. Each entry has its reason; the test of imports/otelcol.ts on the real
// collector holds both: what stands here is taken, and without it a right configuration would be refused or a wrong one taken.
//
//   of      a definition by its name, or a component: 'receiver file_log'
//   fields  shapes of fields (see otelcol-schemas.mjs), in addition or instead
//   without fields that only the schema has
//   shape   instead of all that the schema says
//   squash  whose fields stand in it too
//   required, durations, open: fields that must be given; the unit of durations; other fields may stand there too

import { hostScrapers } from './otelcol-definitions.mjs';
import { logReceivers } from './otelcol-overlay-logs.mjs';
import { controller, either, errorMode, fields, flag, list, map, oneOf, ref, schema, text } from './otelcol-shapes.mjs';

export const overlay = [
  ...logReceivers,
  {
    because: 'each scraper has its settings in a package without a schema',
    of: 'receiver host_metrics',
    fields: { scrapers: hostScrapers() },
  },
  {
    because: 'no schema at v0.144',
    of: 'receiver tcp_check',
    squash: [schema('receiver/tcpcheckreceiver'), controller],
    fields: { targets: list(ref('ConfignetTcpAddrConfig')) },
    required: ['targets'],
  },
  {
    because: 'no schema at v0.144; since then it has learned formats and passwords of files',
    of: 'receiver tls_check',
    squash: [schema('receiver/tlscheckreceiver'), controller],
    fields: {
      targets: list(fields({ endpoint: text, dialer: ref('ConfignetDialerConfig'), file_path: text, file_format: text, password: text })),
    },
    required: ['targets'],
  },
  { because: 'it checks nothing without targets', of: 'receiver http_check', required: ['targets'] },
  {
    because: 'v0.145 is what the tested collector has; the image has these since v0.151 and v0.154',
    of: 'receiver k8s_events',
    fields: { storage: text, dedup_interval: 'duration' },
  },
  {
    because: 'the mode is a type without a schema',
    of: 'K8sobjectsK8SObjectsConfig',
    fields: { mode: oneOf('pull', 'watch') },
    required: ['name'],
  },
  { because: 'three ways to go on', of: 'K8sobjectsErrorMode', shape: errorMode },
  {
    because: 'sub-receivers are read by hand, and so are missing in the schema',
    of: 'receiver receiver_creator',
    fields: { receivers: map(ref('ReceivercreatorTemplate')) },
  },
  {
    because: 'Prometheus takes days, weeks and years too',
    of: /^PrometheusProm/,
    durations: 'prometheusDuration',
  },
  {
    because: 'the schema leaves out what belongs to a server, and discoveries; the collector takes those that are built in',
    of: 'PrometheusPromConfig',
    fields: { scrape_config_files: list(text) },
  },
  {
    because: 'a later Prometheus than the one that v0.161 is built with',
    of: 'PrometheusPromRelabelConfig',
    without: ['if', 'labels'],
    fields: {
      action: oneOf(
        ...['replace', 'lowercase', 'uppercase', 'keep', 'drop', 'keepequal', 'dropequal', 'hashmod', 'labelmap', 'labeldrop', 'labelkeep'],
      ),
    },
  },
  {
    because: 'the schema has names that Prometheus does not take',
    of: /^PrometheusProm(Global|Scrape)Config$/,
    fields: { metric_name_escaping_scheme: oneOf('allow-utf-8', 'underscores', 'dots', 'values') },
  },
  {
    because: 'claims and headers are objects; the schema says that they are anything',
    of: 'PrometheusPromOauth2',
    fields: { claims: map('any') },
  },
  {
    because: 'a job is known by its name; discoveries of clouds have names that no schema has',
    of: 'PrometheusPromScrapeConfig',
    open: true,
    fields: { http_headers: map('any') },
    required: ['job_name'],
  },
  {
    because: 'named embedded structs were squashed into the whole by the generator of schemas (v0.157)',
    of: 'receiver postgresql',
    without: [
      ...[
        'ca_file',
        'ca_pem',
        'cert_file',
        'cert_pem',
        'cipher_suites',
        'curve_preferences',
        'include_system_ca_certs_pool',
        'key_file',
        'key_pem',
      ],
      ...['max_version', 'min_version', 'reload_interval', 'tpm', 'insecure', 'insecure_skip_verify', 'server_name_override'],
      ...['max_idle', 'max_idle_time', 'max_lifetime', 'max_open', 'max_rows_per_query', 'max_explain_each_interval'],
      ...['query_plan_cache_size', 'query_plan_cache_ttl', 'top_n_query', 'include_insecure_cipher_suites'],
    ],
    fields: {
      tls: ref('ConfigtlsClientConfig'),
      connection_pool: ref('PostgresqlConnectionPool'),
      query_sample_collection: ref('PostgresqlQuerySampleCollection'),
      top_query_collection: ref('PostgresqlTopQueryCollection'),
    },
    required: ['username', 'password'],
  },
  {
    because: 'four ways to authenticate',
    of: 'K8sconfigApiConfig',
    fields: { auth_type: oneOf('none', 'serviceAccount', 'kubeConfig', 'tls') },
  },
  {
    because: 'groups of metrics have four names',
    of: 'receiver kubelet_stats',
    fields: {
      auth_type: oneOf('none', 'serviceAccount', 'kubeConfig', 'tls'),
      metric_groups: list(oneOf('container', 'pod', 'node', 'volume')),
      extra_metadata_labels: list(oneOf('container.id', 'k8s.volume.type')),
    },
  },
  { because: 'two kinds of clusters', of: 'receiver k8s_cluster', fields: { distribution: oneOf('kubernetes', 'openshift') } },
  {
    because: 'v0.160 names a type that it does not describe',
    of: 'ResourcedetectionDetectorConfig',
    fields: {
      ibmcloud_classic: fields({ resource_attributes: map('any') }),
      ibmcloud_vpc: fields({ protocol: text, resource_attributes: map('any') }),
      azureappservice: fields({ resource_attributes: map('any') }),
      tencent_cvm: fields({ fail_on_missing_metadata: flag, resource_attributes: map('any') }),
    },
  },
  {
    because: 'v0.160 has two attributes that its schema lacks',
    of: 'ResourcedetectionAwsElasticbeanstalkMetadataResourceAttributesConfig',
    fields: { 'deployment.environment.name': ref('Toggle'), 'deployment.id': ref('Toggle') },
  },
  {
    because: 'conditions are texts, or groups of them with what they are about; a list has the one or the other',
    of: 'processor filter',
    fields: {
      error_mode: errorMode,
      ...Object.fromEntries(
        ['log', 'metric', 'profile', 'trace'].map((signal) => [
          `${signal}_conditions`,
          either(list(text), list(ref('FilterContextConditions'))),
        ]),
      ),
    },
  },
  { because: 'three ways to go on', of: 'OttlErrorMode', shape: errorMode },
  {
    because: 'statements are texts, or groups of them with what they are about; a list has the one or the other',
    of: 'processor transform',
    fields: Object.fromEntries(
      ['log', 'metric', 'profile', 'trace'].map((signal) => [
        `${signal}_statements`,
        either(list(text), list(ref('TransformContextStatements'))),
      ]),
    ),
  },
  {
    because: 'actions and their conditions are checked by the collector with these names only',
    of: 'CoreinternalAttractionActionKeyValue',
    fields: { action: oneOf('insert', 'update', 'upsert', 'delete', 'hash', 'extract', 'convert') },
    required: ['key', 'action'],
  },
  { because: 'nothing to do is refused', of: 'processor resource', required: ['attributes'] },
  { because: 'nothing to do is refused', of: 'processor attributes', required: ['actions'] },
  {
    because: 'a text in the configuration, a number inside',
    of: 'processor cumulative_to_delta',
    fields: { initial_value: oneOf('auto', 'keep', 'drop') },
  },
  {
    because: 'without an interval it never looks at the memory',
    of: 'processor memory_limiter',
    required: ['check_interval'],
  },
  {
    because: 'a Go field for code, not for configurations',
    of: 'TailsamplingPolicyCfg',
    without: ['ExtensionCfg'],
    required: ['name', 'type'],
  },
  {
    because: 'a Go field for code, not for configurations',
    of: /^Tailsampling(And|Not|Composite)SubPolicyCfg$/,
    without: ['ExtensionCfg'],
  },
  {
    because: 'a text in the configuration, a number inside',
    of: 'exporter debug',
    fields: { verbosity: oneOf('basic', 'normal', 'detailed') },
  },
  {
    because: 'a text of a package without a schema',
    of: 'LoadbalancingAwsCloudMapResolver',
    fields: { health_status: text },
  },
  {
    because: 'settings of Prometheus, by its own names',
    of: 'PrometheusTargetallocator',
    fields: { http_scrape_config: map('any'), http_sd_config: map('any') },
  },
  { because: 'there is nowhere to send without it', of: 'exporter otlp_grpc', required: ['endpoint'] },
  { because: 'there is nowhere to send without it', of: 'exporter clickhouse', required: ['endpoint'] },
  {
    because: 'a type without a schema',
    of: 'exporter prometheus_remote_write',
    fields: { protobuf_message: oneOf('prometheus.WriteRequest', 'io.prometheus.write.v2.Request') },
  },
  { because: 'texts have a fixed set of values', of: 'exporter otlp_http', fields: { encoding: oneOf('proto', 'json') } },
  {
    because: 'texts have a fixed set of values',
    of: 'KafkaStickyKeyPartitionerConfig',
    fields: { hasher: oneOf('sarama_compat', 'murmur2') },
  },
  {
    because: 'texts have a fixed set of values',
    of: 'processor probabilistic_sampler',
    fields: { mode: oneOf('hash_seed', 'equalizing', 'proportional') },
  },
  {
    because: 'texts have a fixed set of values',
    of: 'processor redaction',
    fields: { hash_function: oneOf('sha1', 'sha3', 'md5', 'hmac-sha256', 'hmac-sha512') },
  },
  { because: 'there is nowhere to write without it', of: 'exporter file', required: ['path'] },
  {
    because: 'what a queue counts has three names',
    of: 'ExporterhelperQueuebatch',
    fields: { sizer: oneOf('requests', 'items', 'bytes') },
  },
  {
    because: 'what a batch counts has three names',
    of: 'ExporterhelperQueuebatchBatchConfig',
    fields: { sizer: oneOf('requests', 'items', 'bytes') },
  },
  {
    because: 'by what items are sent to one backend has a fixed set of names',
    of: 'exporter load_balancing',
    fields: { routing_key: oneOf('service', 'traceID', 'metric', 'resource', 'streamID', 'attributes') },
    required: ['resolver'],
  },
  {
    because: 'headers and what is only a mark are types without a schema',
    of: 'exporter kafka',
    fields: { record_headers: list(fields({ name: text, value: text })) },
  },
  {
    because: 'a mark: there is nothing to set',
    of: 'KafkaRecordPartitionerConfig',
    fields: { least_backup: fields({}), round_robin: fields({}) },
  },
  { because: 'a text in the configuration, a number inside', of: 'SpanmetricsHistogramConfig', fields: { unit: oneOf('ms', 's') } },
  {
    because: 'the name of a pipeline is a type without a schema',
    of: 'connector routing',
    fields: { default_pipelines: list(text), error_mode: errorMode },
    required: ['table'],
  },
  {
    because: 'the name of a pipeline is a type without a schema',
    of: 'RoutingRoutingTableItem',
    fields: { pipelines: list(text), action: oneOf('move', 'copy') },
    required: ['pipelines'],
  },
  {
    because: 'the name of a pipeline is a type without a schema',
    of: 'connector failover',
    fields: { priority_levels: list(list(text)) },
    required: ['priority_levels'],
  },
  {
    because: 'its schema is a reference to a package without one',
    of: 'extension health_check',
    squash: [{ ref: 'ConfighttpServerConfig' }],
    fields: {
      path: text,
      use_v2: flag,
      response_body: fields({ healthy: text, unhealthy: text }),
      check_collector_pipeline: fields({ enabled: flag, interval: text, exporter_failure_threshold: 'integer' }),
      component_health: fields({ include_permanent_errors: flag, include_recoverable_errors: flag, recovery_duration: 'duration' }),
      grpc: ref('ConfiggrpcServerConfig'),
      http: ref('HealthcheckHttp'),
    },
  },
  {
    because: 'no schema',
    of: 'extension file_storage',
    fields: {
      directory: text,
      create_directory: flag,
      directory_permissions: text,
      timeout: 'duration',
      fsync: flag,
      max_size: 'integer',
      recreate: flag,
      compaction: fields({
        on_start: flag,
        on_rebound: flag,
        directory: text,
        rebound_needed_threshold_mib: 'integer',
        rebound_trigger_threshold_mib: 'integer',
        max_transaction_size: 'integer',
        check_interval: 'duration',
        cleanup_on_start: flag,
      }),
    },
  },
  {
    because: 'no schema',
    of: 'extension k8s_observer',
    squash: [{ ref: 'K8sconfigApiConfig' }],
    fields: {
      node: text,
      namespaces: list(text),
      observe_pods: flag,
      observe_nodes: flag,
      observe_services: flag,
      observe_ingresses: flag,
    },
  },
  { because: 'no schema', of: 'extension host_observer', fields: { refresh_interval: 'duration' } },
  {
    because: 'a package without a schema',
    of: 'extension bearertokenauth',
    fields: { retry_on_failure: fields({ enabled: flag, interval: 'duration', max_retries: 'integer' }) },
  },
  { because: 'leaders are told apart by it', of: 'extension k8s_leader_elector', required: ['lease_name', 'lease_namespace'] },
  {
    because: 'an older way to say `keepalive`, taken until v0.165',
    of: 'ConfighttpClientConfig',
    fields: {
      max_idle_conns: 'integer',
      max_idle_conns_per_host: 'integer',
      idle_conn_timeout: 'duration',
      disable_keep_alives: flag,
      cookies: fields({ enabled: flag }),
    },
  },
  {
    because: 'an older way to say `keepalive`, taken until v0.165; how a server listens is left out of its schema',
    of: 'ConfighttpServerConfig',
    fields: {
      idle_timeout: 'duration',
      keep_alives_enabled: flag,
      transport: ref('ConfignetTransportType'),
      dialer: ref('ConfignetDialerConfig'),
    },
  },
  {
    because: 'headers are an object, or a list of pairs where their order counts',
    of: 'ConfigopaqueMapList',
    shape: either(map(text), list(ref('ConfigopaquePair'))),
  },
  {
    because: 'a text that has a fixed set of values',
    of: 'ConfigcompressionType',
    shape: oneOf('gzip', 'zstd', 'snappy', 'x-snappy-framed', 'zlib', 'deflate', 'lz4', 'none', ''),
  },
  {
    because: 'a text that has a fixed set of values',
    of: 'ConfignetTransportType',
    shape: oneOf('tcp', 'tcp4', 'tcp6', 'udp', 'udp4', 'udp6', 'ip', 'ip4', 'ip6', 'unix', 'unixgram', 'unixpacket', 'npipe'),
  },
  { because: 'left out of the schema', of: 'Configtls', fields: { include_insecure_cipher_suites: flag } },
];
