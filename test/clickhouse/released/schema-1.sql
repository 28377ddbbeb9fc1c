CREATE DATABASE IF NOT EXISTS otel;

CREATE TABLE IF NOT EXISTS otel.schema_migrations (version UInt32, name String, applied_at DateTime DEFAULT now())
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY version;

CREATE TABLE IF NOT EXISTS otel.otel_logs (
    Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    TraceFlags UInt8 CODEC(ZSTD(1)),
    SeverityText LowCardinality(String) CODEC(ZSTD(1)),
    SeverityNumber UInt8 CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Body String CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ScopeName LowCardinality(String) CODEC(ZSTD(1)),
    ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    LogAttributes Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    EventName LowCardinality(String) CODEC(ZSTD(1)),
    Cluster LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.cluster.name'] CODEC(ZSTD(1)),
    Namespace LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.namespace.name'] CODEC(ZSTD(1)),
    WorkloadKind LowCardinality(String) MATERIALIZED multiIf(ResourceAttributes['k8s.deployment.name'] != '', 'Deployment', ResourceAttributes['k8s.statefulset.name'] != '', 'StatefulSet', ResourceAttributes['k8s.daemonset.name'] != '', 'DaemonSet', ResourceAttributes['k8s.cronjob.name'] != '', 'CronJob', ResourceAttributes['k8s.job.name'] != '', 'Job', ResourceAttributes['k8s.pod.name'] != '', 'Pod', '') CODEC(ZSTD(1)),
    Workload LowCardinality(String) MATERIALIZED multiIf(ResourceAttributes['k8s.deployment.name'] != '', ResourceAttributes['k8s.deployment.name'], ResourceAttributes['k8s.statefulset.name'] != '', ResourceAttributes['k8s.statefulset.name'], ResourceAttributes['k8s.daemonset.name'] != '', ResourceAttributes['k8s.daemonset.name'], ResourceAttributes['k8s.cronjob.name'] != '', ResourceAttributes['k8s.cronjob.name'], ResourceAttributes['k8s.job.name'] != '', replaceRegexpOne(ResourceAttributes['k8s.job.name'], '-[0-9]+$', ''), ResourceAttributes['k8s.pod.name'] != '', ResourceAttributes['k8s.pod.name'], '') CODEC(ZSTD(1)),
    Pod LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.pod.name'] CODEC(ZSTD(1)),
    Container LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.container.name'] CODEC(ZSTD(1)),
    Node LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.node.name'] CODEC(ZSTD(1)),
    IsError Bool MATERIALIZED SeverityNumber >= 17 CODEC(ZSTD(1)),
    BodyWords Array(String) ALIAS arrayFilter(word -> NOT match(word, '[0-9]'), tokens(lower(Body), 'splitByNonAlpha')),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001),
    INDEX idx_attr_value mapValues(LogAttributes) TYPE bloom_filter(0.01),
    INDEX idx_body_tokens lower(Body) TYPE tokenbf_v1(32768, 3, 0),
    INDEX idx_body_words arrayFilter(word -> NOT match(word, '[0-9]'), tokens(lower(Body), 'splitByNonAlpha')) TYPE text(tokenizer = 'array', posting_list_codec = 'bitpacking'),
    INDEX idx_time Timestamp TYPE minmax
) ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (toStartOfHour(Timestamp), IsError, Namespace, ServiceName, Pod, Timestamp)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS otel.logs_volume_1m (
    Time DateTime CODEC(DoubleDelta, ZSTD(1)),
    Cluster LowCardinality(String) CODEC(ZSTD(1)),
    Namespace LowCardinality(String) CODEC(ZSTD(1)),
    Workload LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    SeverityNumber UInt8 CODEC(ZSTD(1)),
    Lines SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    Bytes SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1))
) ENGINE = AggregatingMergeTree
PARTITION BY toDate(Time)
ORDER BY (Cluster, Namespace, Workload, ServiceName, SeverityNumber, Time)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS otel.otel_traces (
    Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ParentSpanId String CODEC(ZSTD(1)),
    TraceState String CODEC(ZSTD(1)),
    SpanName LowCardinality(String) CODEC(ZSTD(1)),
    SpanKind LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    ScopeName LowCardinality(String) CODEC(ZSTD(1)),
    ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
    SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    Duration UInt64 CODEC(T64, ZSTD(1)),
    StatusCode LowCardinality(String) CODEC(ZSTD(1)),
    StatusMessage String CODEC(ZSTD(1)),
    `Events.Timestamp` Array(DateTime64(9)) CODEC(ZSTD(1)),
    `Events.Name` Array(LowCardinality(String)) CODEC(ZSTD(1)),
    `Events.Attributes` Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    `Links.TraceId` Array(String) CODEC(ZSTD(1)),
    `Links.SpanId` Array(String) CODEC(ZSTD(1)),
    `Links.TraceState` Array(String) CODEC(ZSTD(1)),
    `Links.Attributes` Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    Cluster LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.cluster.name'] CODEC(ZSTD(1)),
    Namespace LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.namespace.name'] CODEC(ZSTD(1)),
    WorkloadKind LowCardinality(String) MATERIALIZED multiIf(ResourceAttributes['k8s.deployment.name'] != '', 'Deployment', ResourceAttributes['k8s.statefulset.name'] != '', 'StatefulSet', ResourceAttributes['k8s.daemonset.name'] != '', 'DaemonSet', ResourceAttributes['k8s.cronjob.name'] != '', 'CronJob', ResourceAttributes['k8s.job.name'] != '', 'Job', ResourceAttributes['k8s.pod.name'] != '', 'Pod', '') CODEC(ZSTD(1)),
    Workload LowCardinality(String) MATERIALIZED multiIf(ResourceAttributes['k8s.deployment.name'] != '', ResourceAttributes['k8s.deployment.name'], ResourceAttributes['k8s.statefulset.name'] != '', ResourceAttributes['k8s.statefulset.name'], ResourceAttributes['k8s.daemonset.name'] != '', ResourceAttributes['k8s.daemonset.name'], ResourceAttributes['k8s.cronjob.name'] != '', ResourceAttributes['k8s.cronjob.name'], ResourceAttributes['k8s.job.name'] != '', replaceRegexpOne(ResourceAttributes['k8s.job.name'], '-[0-9]+$', ''), ResourceAttributes['k8s.pod.name'] != '', ResourceAttributes['k8s.pod.name'], '') CODEC(ZSTD(1)),
    Pod LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.pod.name'] CODEC(ZSTD(1)),
    Container LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.container.name'] CODEC(ZSTD(1)),
    Node LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.node.name'] CODEC(ZSTD(1)),
    Route LowCardinality(String) MATERIALIZED SpanAttributes['http.route'] CODEC(ZSTD(1)),
    IsError Bool MATERIALIZED StatusCode IN ('Error', 'STATUS_CODE_ERROR') CODEC(ZSTD(1)),
    AdjustedCount Float32 MATERIALIZED 1 / greatest(1 - reinterpretAsUInt64(reverse(unhex(rightPad(extract(TraceState, '(?:^|,) *ot=(?:[^,]*;)?th:([0-9a-f]{1,14})'), 14, '0')))) / pow(2, 56), 1e-6) CODEC(ZSTD(1)),
    IsEntry Bool MATERIALIZED SpanKind IN ('Server', 'Consumer', 'SPAN_KIND_SERVER', 'SPAN_KIND_CONSUMER') CODEC(ZSTD(1)),
    INDEX idx_attr_value mapValues(SpanAttributes) TYPE bloom_filter(0.01),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001),
    INDEX idx_duration Duration TYPE minmax,
    INDEX idx_time Timestamp TYPE minmax
) ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (toStartOfHour(Timestamp), ServiceName, IsError, SpanName, Timestamp)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS otel.otel_traces_trace_id_ts (
    TraceId String CODEC(ZSTD(1)),
    Start DateTime CODEC(Delta, ZSTD(1)),
    End DateTime CODEC(Delta, ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.01)
) ENGINE = MergeTree
PARTITION BY toDate(Start)
ORDER BY (TraceId, Start)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS otel.red_1m (
    Time DateTime CODEC(DoubleDelta, ZSTD(1)),
    Cluster LowCardinality(String) CODEC(ZSTD(1)),
    Namespace LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    SpanName LowCardinality(String) CODEC(ZSTD(1)),
    Route LowCardinality(String) CODEC(ZSTD(1)),
    Spans SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    Calls SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(1)),
    Errors SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(1)),
    DurationSum SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(1)),
    DurationMax SimpleAggregateFunction(max, UInt64) CODEC(ZSTD(1)),
    Quantiles AggregateFunction(quantilesTDigestWeighted(0.5, 0.9, 0.95, 0.99), UInt64, UInt32) CODEC(ZSTD(1))
) ENGINE = AggregatingMergeTree
PARTITION BY toDate(Time)
ORDER BY (Cluster, Namespace, ServiceName, SpanName, Route, Time)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS otel.values_1d (
    Day Date,
    Signal LowCardinality(String) CODEC(ZSTD(1)),
    Cluster LowCardinality(String) CODEC(ZSTD(1)),
    Namespace LowCardinality(String) CODEC(ZSTD(1)),
    Workload LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Pod String CODEC(ZSTD(1)),
    Rows SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1))
) ENGINE = AggregatingMergeTree
PARTITION BY toMonday(Day)
ORDER BY (Signal, Day, Cluster, Namespace, Workload, ServiceName, Pod)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS otel.otel_metrics_gauge (
    ResourceAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ScopeName LowCardinality(String) CODEC(ZSTD(1)),
    ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    MetricName LowCardinality(String) CODEC(ZSTD(1)),
    MetricDescription LowCardinality(String) CODEC(ZSTD(1)),
    MetricUnit LowCardinality(String) CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    StartTimeUnix DateTime CODEC(DoubleDelta, ZSTD(1)),
    TimeUnix DateTime CODEC(DoubleDelta, ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    Value Float64 CODEC(ZSTD(1)),
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    `Exemplars.TimeUnix` Array(DateTime) CODEC(ZSTD(1)),
    `Exemplars.Value` Array(Float64) CODEC(ZSTD(1)),
    `Exemplars.SpanId` Array(String) CODEC(ZSTD(1)),
    `Exemplars.TraceId` Array(String) CODEC(ZSTD(1)),
    SeriesId UInt64 MATERIALIZED cityHash64(MetricName, ServiceName, ScopeName, mapSort(ResourceAttributes), mapSort(Attributes)) CODEC(ZSTD(1)),
    Cluster LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.cluster.name'] CODEC(ZSTD(1)),
    Namespace LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.namespace.name'] CODEC(ZSTD(1)),
    WorkloadKind LowCardinality(String) MATERIALIZED multiIf(ResourceAttributes['k8s.deployment.name'] != '', 'Deployment', ResourceAttributes['k8s.statefulset.name'] != '', 'StatefulSet', ResourceAttributes['k8s.daemonset.name'] != '', 'DaemonSet', ResourceAttributes['k8s.cronjob.name'] != '', 'CronJob', ResourceAttributes['k8s.job.name'] != '', 'Job', ResourceAttributes['k8s.pod.name'] != '', 'Pod', '') CODEC(ZSTD(1)),
    Workload LowCardinality(String) MATERIALIZED multiIf(ResourceAttributes['k8s.deployment.name'] != '', ResourceAttributes['k8s.deployment.name'], ResourceAttributes['k8s.statefulset.name'] != '', ResourceAttributes['k8s.statefulset.name'], ResourceAttributes['k8s.daemonset.name'] != '', ResourceAttributes['k8s.daemonset.name'], ResourceAttributes['k8s.cronjob.name'] != '', ResourceAttributes['k8s.cronjob.name'], ResourceAttributes['k8s.job.name'] != '', replaceRegexpOne(ResourceAttributes['k8s.job.name'], '-[0-9]+$', ''), ResourceAttributes['k8s.pod.name'] != '', ResourceAttributes['k8s.pod.name'], '') CODEC(ZSTD(1)),
    Pod LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.pod.name'] CODEC(ZSTD(1)),
    Container LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.container.name'] CODEC(ZSTD(1)),
    Node LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.node.name'] CODEC(ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (MetricName, toStartOfHour(TimeUnix), ServiceName, Namespace, SeriesId, TimeUnix)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS otel.otel_metrics_sum (
    ResourceAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ScopeName LowCardinality(String) CODEC(ZSTD(1)),
    ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    MetricName LowCardinality(String) CODEC(ZSTD(1)),
    MetricDescription LowCardinality(String) CODEC(ZSTD(1)),
    MetricUnit LowCardinality(String) CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    StartTimeUnix DateTime CODEC(DoubleDelta, ZSTD(1)),
    TimeUnix DateTime CODEC(DoubleDelta, ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    Value Float64 CODEC(Delta(8), ZSTD(1)),
    AggregationTemporality Int32 CODEC(ZSTD(1)),
    IsMonotonic Bool CODEC(ZSTD(1)),
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    `Exemplars.TimeUnix` Array(DateTime) CODEC(ZSTD(1)),
    `Exemplars.Value` Array(Float64) CODEC(ZSTD(1)),
    `Exemplars.SpanId` Array(String) CODEC(ZSTD(1)),
    `Exemplars.TraceId` Array(String) CODEC(ZSTD(1)),
    SeriesId UInt64 MATERIALIZED cityHash64(MetricName, ServiceName, ScopeName, mapSort(ResourceAttributes), mapSort(Attributes)) CODEC(ZSTD(1)),
    Cluster LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.cluster.name'] CODEC(ZSTD(1)),
    Namespace LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.namespace.name'] CODEC(ZSTD(1)),
    WorkloadKind LowCardinality(String) MATERIALIZED multiIf(ResourceAttributes['k8s.deployment.name'] != '', 'Deployment', ResourceAttributes['k8s.statefulset.name'] != '', 'StatefulSet', ResourceAttributes['k8s.daemonset.name'] != '', 'DaemonSet', ResourceAttributes['k8s.cronjob.name'] != '', 'CronJob', ResourceAttributes['k8s.job.name'] != '', 'Job', ResourceAttributes['k8s.pod.name'] != '', 'Pod', '') CODEC(ZSTD(1)),
    Workload LowCardinality(String) MATERIALIZED multiIf(ResourceAttributes['k8s.deployment.name'] != '', ResourceAttributes['k8s.deployment.name'], ResourceAttributes['k8s.statefulset.name'] != '', ResourceAttributes['k8s.statefulset.name'], ResourceAttributes['k8s.daemonset.name'] != '', ResourceAttributes['k8s.daemonset.name'], ResourceAttributes['k8s.cronjob.name'] != '', ResourceAttributes['k8s.cronjob.name'], ResourceAttributes['k8s.job.name'] != '', replaceRegexpOne(ResourceAttributes['k8s.job.name'], '-[0-9]+$', ''), ResourceAttributes['k8s.pod.name'] != '', ResourceAttributes['k8s.pod.name'], '') CODEC(ZSTD(1)),
    Pod LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.pod.name'] CODEC(ZSTD(1)),
    Container LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.container.name'] CODEC(ZSTD(1)),
    Node LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.node.name'] CODEC(ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (MetricName, toStartOfHour(TimeUnix), ServiceName, Namespace, SeriesId, TimeUnix)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS otel.otel_metrics_histogram (
    ResourceAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ScopeName LowCardinality(String) CODEC(ZSTD(1)),
    ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    MetricName LowCardinality(String) CODEC(ZSTD(1)),
    MetricDescription LowCardinality(String) CODEC(ZSTD(1)),
    MetricUnit LowCardinality(String) CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    StartTimeUnix DateTime CODEC(DoubleDelta, ZSTD(1)),
    TimeUnix DateTime CODEC(DoubleDelta, ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    Count UInt64 CODEC(Delta(8), ZSTD(1)),
    Sum Float64 CODEC(Delta(8), ZSTD(1)),
    BucketCounts Array(UInt64) CODEC(Delta(8), ZSTD(1)),
    ExplicitBounds Array(Float64) CODEC(ZSTD(1)),
    Min Float64 CODEC(ZSTD(1)),
    Max Float64 CODEC(ZSTD(1)),
    AggregationTemporality Int32 CODEC(ZSTD(1)),
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    `Exemplars.TimeUnix` Array(DateTime) CODEC(ZSTD(1)),
    `Exemplars.Value` Array(Float64) CODEC(ZSTD(1)),
    `Exemplars.SpanId` Array(String) CODEC(ZSTD(1)),
    `Exemplars.TraceId` Array(String) CODEC(ZSTD(1)),
    SeriesId UInt64 MATERIALIZED cityHash64(MetricName, ServiceName, ScopeName, mapSort(ResourceAttributes), mapSort(Attributes)) CODEC(ZSTD(1)),
    Cluster LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.cluster.name'] CODEC(ZSTD(1)),
    Namespace LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.namespace.name'] CODEC(ZSTD(1)),
    WorkloadKind LowCardinality(String) MATERIALIZED multiIf(ResourceAttributes['k8s.deployment.name'] != '', 'Deployment', ResourceAttributes['k8s.statefulset.name'] != '', 'StatefulSet', ResourceAttributes['k8s.daemonset.name'] != '', 'DaemonSet', ResourceAttributes['k8s.cronjob.name'] != '', 'CronJob', ResourceAttributes['k8s.job.name'] != '', 'Job', ResourceAttributes['k8s.pod.name'] != '', 'Pod', '') CODEC(ZSTD(1)),
    Workload LowCardinality(String) MATERIALIZED multiIf(ResourceAttributes['k8s.deployment.name'] != '', ResourceAttributes['k8s.deployment.name'], ResourceAttributes['k8s.statefulset.name'] != '', ResourceAttributes['k8s.statefulset.name'], ResourceAttributes['k8s.daemonset.name'] != '', ResourceAttributes['k8s.daemonset.name'], ResourceAttributes['k8s.cronjob.name'] != '', ResourceAttributes['k8s.cronjob.name'], ResourceAttributes['k8s.job.name'] != '', replaceRegexpOne(ResourceAttributes['k8s.job.name'], '-[0-9]+$', ''), ResourceAttributes['k8s.pod.name'] != '', ResourceAttributes['k8s.pod.name'], '') CODEC(ZSTD(1)),
    Pod LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.pod.name'] CODEC(ZSTD(1)),
    Container LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.container.name'] CODEC(ZSTD(1)),
    Node LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.node.name'] CODEC(ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (MetricName, toStartOfHour(TimeUnix), ServiceName, Namespace, SeriesId, TimeUnix)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS otel.otel_metrics_exponential_histogram (
    ResourceAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ScopeName LowCardinality(String) CODEC(ZSTD(1)),
    ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    MetricName LowCardinality(String) CODEC(ZSTD(1)),
    MetricDescription LowCardinality(String) CODEC(ZSTD(1)),
    MetricUnit LowCardinality(String) CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    StartTimeUnix DateTime CODEC(DoubleDelta, ZSTD(1)),
    TimeUnix DateTime CODEC(DoubleDelta, ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    Count UInt64 CODEC(Delta(8), ZSTD(1)),
    Sum Float64 CODEC(Delta(8), ZSTD(1)),
    Scale Int32 CODEC(ZSTD(1)),
    ZeroCount UInt64 CODEC(ZSTD(1)),
    PositiveOffset Int32 CODEC(ZSTD(1)),
    PositiveBucketCounts Array(UInt64) CODEC(ZSTD(1)),
    NegativeOffset Int32 CODEC(ZSTD(1)),
    NegativeBucketCounts Array(UInt64) CODEC(ZSTD(1)),
    Min Float64 CODEC(ZSTD(1)),
    Max Float64 CODEC(ZSTD(1)),
    AggregationTemporality Int32 CODEC(ZSTD(1)),
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    `Exemplars.TimeUnix` Array(DateTime) CODEC(ZSTD(1)),
    `Exemplars.Value` Array(Float64) CODEC(ZSTD(1)),
    `Exemplars.SpanId` Array(String) CODEC(ZSTD(1)),
    `Exemplars.TraceId` Array(String) CODEC(ZSTD(1)),
    SeriesId UInt64 MATERIALIZED cityHash64(MetricName, ServiceName, ScopeName, mapSort(ResourceAttributes), mapSort(Attributes)) CODEC(ZSTD(1)),
    Cluster LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.cluster.name'] CODEC(ZSTD(1)),
    Namespace LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.namespace.name'] CODEC(ZSTD(1)),
    WorkloadKind LowCardinality(String) MATERIALIZED multiIf(ResourceAttributes['k8s.deployment.name'] != '', 'Deployment', ResourceAttributes['k8s.statefulset.name'] != '', 'StatefulSet', ResourceAttributes['k8s.daemonset.name'] != '', 'DaemonSet', ResourceAttributes['k8s.cronjob.name'] != '', 'CronJob', ResourceAttributes['k8s.job.name'] != '', 'Job', ResourceAttributes['k8s.pod.name'] != '', 'Pod', '') CODEC(ZSTD(1)),
    Workload LowCardinality(String) MATERIALIZED multiIf(ResourceAttributes['k8s.deployment.name'] != '', ResourceAttributes['k8s.deployment.name'], ResourceAttributes['k8s.statefulset.name'] != '', ResourceAttributes['k8s.statefulset.name'], ResourceAttributes['k8s.daemonset.name'] != '', ResourceAttributes['k8s.daemonset.name'], ResourceAttributes['k8s.cronjob.name'] != '', ResourceAttributes['k8s.cronjob.name'], ResourceAttributes['k8s.job.name'] != '', replaceRegexpOne(ResourceAttributes['k8s.job.name'], '-[0-9]+$', ''), ResourceAttributes['k8s.pod.name'] != '', ResourceAttributes['k8s.pod.name'], '') CODEC(ZSTD(1)),
    Pod LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.pod.name'] CODEC(ZSTD(1)),
    Container LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.container.name'] CODEC(ZSTD(1)),
    Node LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.node.name'] CODEC(ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (MetricName, toStartOfHour(TimeUnix), ServiceName, Namespace, SeriesId, TimeUnix)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS otel.otel_metrics_summary (
    ResourceAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ScopeName LowCardinality(String) CODEC(ZSTD(1)),
    ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    MetricName LowCardinality(String) CODEC(ZSTD(1)),
    MetricDescription LowCardinality(String) CODEC(ZSTD(1)),
    MetricUnit LowCardinality(String) CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    StartTimeUnix DateTime CODEC(DoubleDelta, ZSTD(1)),
    TimeUnix DateTime CODEC(DoubleDelta, ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    Count UInt64 CODEC(Delta(8), ZSTD(1)),
    Sum Float64 CODEC(Delta(8), ZSTD(1)),
    `ValueAtQuantiles.Quantile` Array(Float64) CODEC(ZSTD(1)),
    `ValueAtQuantiles.Value` Array(Float64) CODEC(ZSTD(1)),
    SeriesId UInt64 MATERIALIZED cityHash64(MetricName, ServiceName, ScopeName, mapSort(ResourceAttributes), mapSort(Attributes)) CODEC(ZSTD(1)),
    Cluster LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.cluster.name'] CODEC(ZSTD(1)),
    Namespace LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.namespace.name'] CODEC(ZSTD(1)),
    WorkloadKind LowCardinality(String) MATERIALIZED multiIf(ResourceAttributes['k8s.deployment.name'] != '', 'Deployment', ResourceAttributes['k8s.statefulset.name'] != '', 'StatefulSet', ResourceAttributes['k8s.daemonset.name'] != '', 'DaemonSet', ResourceAttributes['k8s.cronjob.name'] != '', 'CronJob', ResourceAttributes['k8s.job.name'] != '', 'Job', ResourceAttributes['k8s.pod.name'] != '', 'Pod', '') CODEC(ZSTD(1)),
    Workload LowCardinality(String) MATERIALIZED multiIf(ResourceAttributes['k8s.deployment.name'] != '', ResourceAttributes['k8s.deployment.name'], ResourceAttributes['k8s.statefulset.name'] != '', ResourceAttributes['k8s.statefulset.name'], ResourceAttributes['k8s.daemonset.name'] != '', ResourceAttributes['k8s.daemonset.name'], ResourceAttributes['k8s.cronjob.name'] != '', ResourceAttributes['k8s.cronjob.name'], ResourceAttributes['k8s.job.name'] != '', replaceRegexpOne(ResourceAttributes['k8s.job.name'], '-[0-9]+$', ''), ResourceAttributes['k8s.pod.name'] != '', ResourceAttributes['k8s.pod.name'], '') CODEC(ZSTD(1)),
    Pod LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.pod.name'] CODEC(ZSTD(1)),
    Container LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.container.name'] CODEC(ZSTD(1)),
    Node LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.node.name'] CODEC(ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (MetricName, toStartOfHour(TimeUnix), ServiceName, Namespace, SeriesId, TimeUnix)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel.logs_volume_1m_mv TO otel.logs_volume_1m
DEFINER = default SQL SECURITY DEFINER
AS SELECT toStartOfMinute(Timestamp) AS Time, Cluster, Namespace, Workload, ServiceName, SeverityNumber, count() AS Lines, sum(length(Body)) AS Bytes
FROM otel.otel_logs
GROUP BY Time, Cluster, Namespace, Workload, ServiceName, SeverityNumber;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel.otel_traces_trace_id_ts_mv TO otel.otel_traces_trace_id_ts
DEFINER = default SQL SECURITY DEFINER
AS SELECT TraceId, min(Timestamp) AS Start, max(Timestamp) AS End
FROM otel.otel_traces
WHERE TraceId != ''
GROUP BY TraceId;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel.red_1m_mv TO otel.red_1m
DEFINER = default SQL SECURITY DEFINER
AS SELECT toStartOfMinute(Timestamp) AS Time, Cluster, Namespace, ServiceName, SpanName, Route, count() AS Spans, sum(AdjustedCount) AS Calls, sumIf(AdjustedCount, IsError) AS Errors, sum(Duration * AdjustedCount) AS DurationSum, max(Duration) AS DurationMax, quantilesTDigestWeightedState(0.5, 0.9, 0.95, 0.99)(Duration, toUInt32(round(AdjustedCount))) AS Quantiles
FROM otel.otel_traces
WHERE IsEntry
GROUP BY Time, Cluster, Namespace, ServiceName, SpanName, Route;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel.logs_values_1d_mv TO otel.values_1d
DEFINER = default SQL SECURITY DEFINER
AS SELECT toDate(Timestamp) AS Day, 'logs' AS Signal, Cluster, Namespace, Workload, ServiceName, Pod, count() AS Rows
FROM otel.otel_logs
GROUP BY Day, Cluster, Namespace, Workload, ServiceName, Pod;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel.traces_values_1d_mv TO otel.values_1d
DEFINER = default SQL SECURITY DEFINER
AS SELECT toDate(Timestamp) AS Day, 'traces' AS Signal, Cluster, Namespace, Workload, ServiceName, Pod, count() AS Rows
FROM otel.otel_traces
GROUP BY Day, Cluster, Namespace, Workload, ServiceName, Pod;

ALTER TABLE otel.otel_logs MODIFY TTL toDateTime(Timestamp) + INTERVAL 30 DAY;

ALTER TABLE otel.logs_volume_1m MODIFY TTL Time + INTERVAL 400 DAY;

ALTER TABLE otel.otel_traces MODIFY TTL toDateTime(Timestamp) + INTERVAL 14 DAY;

ALTER TABLE otel.otel_traces_trace_id_ts MODIFY TTL Start + INTERVAL 14 DAY;

ALTER TABLE otel.red_1m MODIFY TTL Time + INTERVAL 400 DAY;

ALTER TABLE otel.values_1d MODIFY TTL Day + INTERVAL 60 DAY;

ALTER TABLE otel.otel_metrics_gauge MODIFY TTL TimeUnix + INTERVAL 395 DAY;

ALTER TABLE otel.otel_metrics_sum MODIFY TTL TimeUnix + INTERVAL 395 DAY;

ALTER TABLE otel.otel_metrics_histogram MODIFY TTL TimeUnix + INTERVAL 395 DAY;

ALTER TABLE otel.otel_metrics_exponential_histogram MODIFY TTL TimeUnix + INTERVAL 395 DAY;

ALTER TABLE otel.otel_metrics_summary MODIFY TTL TimeUnix + INTERVAL 395 DAY;

INSERT INTO otel.schema_migrations (version, name)
SELECT 1, 'tables of logs, traces and metrics' WHERE NOT EXISTS (SELECT 1 FROM otel.schema_migrations WHERE version = 1);
