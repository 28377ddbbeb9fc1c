// The public surface, a line a module. What is not named here is internal and may change at any time.
export { ClickHouseLogin, ClickHouseUser, IClickHouse } from './clickhouse/clickhouse';
export { ClickHouseCluster, ClickHouseClusterProps, ClickHouseStorage } from './clickhouse/clickhouse-cluster';
export { ClickHouseSink, ClickHouseSinkProps } from './clickhouse/clickhouse-sink';
export { Retention } from './clickhouse/schema/retention';
export { TelemetrySchema, TelemetrySchemaProps } from './clickhouse/schema/telemetry-schema';
export { ClusterAgent, ClusterAgentOptions, ClusterAgentProps } from './cluster-agent/cluster-agent';
export { Collector, CollectorProps, ITelemetryProducer } from './collector/collector';
export { Component, ComponentProps } from './collector/component';
export { ConfigValue } from './collector/config-value';
export { Exposure, GatewayApiExposure, GatewayReference, IngressExposure, LoadBalancerExposure } from './collector/exposure';
export { IGateway, OtlpProtocol } from './collector/gateway';
export { ContainerSelection } from './collector/logs/container-selection';
export { StartAt } from './collector/logs/file-reading';
export { LogParser } from './collector/logs/log-parser';
export { Multiline } from './collector/logs/multiline';
export { NodePool, Placement } from './collector/placement';
export { Platform } from './collector/platform';
export { SenderProps } from './collector/senders';
export { GatewaySink, GatewaySinkProps } from './collector/sinks/gateway-sink';
export { CollectorContext, Signals, Sink, SinkBinding, SinkQueue, Source, SourceBinding, SourceRows } from './collector/source';
export { AnnotatedTargets, AnnotatedTargetsProps } from './collector/sources/annotated-targets';
export { ApiServerMetrics } from './collector/sources/api-server-metrics';
export { CAdvisorMetrics, CAdvisorMetricsProps } from './collector/sources/cadvisor-metrics';
export { AddressCheck, HttpCheck } from './collector/sources/checked-address';
export { ClickHouseMetrics, ClickHouseMetricsProps } from './collector/sources/clickhouse-metrics';
export { ClusterEvents, ClusterEventsProps } from './collector/sources/cluster-events';
export { ClusterState, ClusterStateProps } from './collector/sources/cluster-state';
export { Cni, CniProps, MetricsScheme } from './collector/sources/cni';
export { CniMetrics, CniMetricsProps } from './collector/sources/cni-metrics';
export { ContainerLogs, ContainerLogsProps } from './collector/sources/container-logs';
export { ControlPlaneMetrics, ControlPlaneMetricsProps, ControlPlanePart } from './collector/sources/control-plane-metrics';
export {
  DiscoveredNginxProps,
  DiscoveredPods,
  DiscoveredPostgreSqlProps,
  DiscoveredReceiver,
  DiscoveredReceiverProps,
  DiscoveredRedisProps,
} from './collector/sources/discovered-receiver';
export { DiscoveredReceivers, DiscoveredReceiversProps } from './collector/sources/discovered-receivers';
export { EndpointChecks, EndpointChecksProps } from './collector/sources/endpoint-checks';
export { HostMetrics } from './collector/sources/host-metrics';
export { Journald, JournaldProps, JournalPriority } from './collector/sources/journald';
export { KubeProxyMetrics } from './collector/sources/kube-proxy-metrics';
export { KubeletMetrics, KubeletMetricsProps } from './collector/sources/kubelet-metrics';
export { KubeletTls } from './collector/sources/kubelet-tls';
export { LogFiles, LogFilesProps } from './collector/sources/log-files';
export { NodeLocalDnsMetrics } from './collector/sources/node-local-dns-metrics';
export { InventoryObjects, ObjectInventory, ObjectInventoryProps } from './collector/sources/object-inventory';
export { OtlpReceiver } from './collector/sources/otlp-receiver';
export { ClusterShape } from './estimate/cluster-shape';
export { Estimate, SourceEstimate } from './estimate/estimate';
export { Estimates } from './estimate/estimates';
export { UnreadMetric, UnreadMetrics } from './estimate/unread-metrics';
export { CollectorGateway, CollectorGatewayProps, QueueStorage } from './gateway/collector-gateway';
export { ExternalGateway, ExternalGatewayProps } from './gateway/external-gateway';
export { Instrumentation, InstrumentProps } from './gateway/instrumentation';
export { ExpectedTraffic } from './gateway/queue-budget';
export { AlertRuleProps, RuleState, Severity } from './grafana/alert-rule';
export { ContactPoint, EmailProps, OpsgenieProps, PagerDutyProps, SecretUrlProps, WebhookProps } from './grafana/contact-point';
export { DashboardProps, DashboardRow, DashboardVariable } from './grafana/dashboard';
export { IGrafana } from './grafana/grafana';
export { GrafanaStack, GrafanaStackOptions, GrafanaStackProps, GrafanaStorage } from './grafana/grafana-stack';
export { OnCall, Smtp } from './grafana/on-call';
export { Panel, PanelProps, Thresholds } from './grafana/panel';
export { Plugins } from './grafana/plugin';
export { Query, QueryProps } from './grafana/queries/query';
export { Aggregation, QueryShape } from './grafana/queries/query-shape';
export { Spans, SpansProps } from './grafana/queries/spans';
export { LabelMatch, Match, Route } from './grafana/route';
export { Access, AccessRule } from './kubernetes/access';
export { Endpoint, Reach } from './kubernetes/endpoint';
export { Images } from './kubernetes/images';
export { PodSecurity, StackNamespace, StackNamespaceProps } from './kubernetes/namespace';
export { Resources } from './kubernetes/resources';
export { SecretKey } from './kubernetes/secret-key';
export { CertificateIssuer, CertManagerProps, ServerTls, ServerTlsOptions } from './kubernetes/server-tls';
export { NodePathOptions, Volume } from './kubernetes/volume';
export { WorkloadProps } from './kubernetes/workload';
export { NodeAgent, NodeAgentOptions, NodeAgentProps } from './node-agent/node-agent';
export { ObservabilityChart, ObservabilityChartProps } from './observability-chart';
export { PrometheusAgent, PrometheusAgentOptions, PrometheusAgentProps } from './prometheus-agent/prometheus-agent';
export { SmokeTest, SmokeTestProps } from './smoke-test/smoke-test';
export { Countable } from './telemetry/countable';
export { Instrument } from './telemetry/instrument';
export { Metric, MetricProps } from './telemetry/metric';
