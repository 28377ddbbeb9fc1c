// The public surface, a line a module. What is not named here is internal and may change at any time.
export { Collector, CollectorProps, ITelemetryProducer } from './collector/collector';
export { Component, ComponentProps } from './collector/component';
export { ConfigValue } from './collector/config-value';
export { IGateway } from './collector/gateway';
export { Placement } from './collector/placement';
export { Platform } from './collector/platform';
export { CollectorContext, Signals, Sink, SinkBinding, SinkQueue, Source, SourceBinding } from './collector/source';
export { Access, AccessRule } from './kubernetes/access';
export { Endpoint, Reach } from './kubernetes/endpoint';
export { Images } from './kubernetes/images';
export { Resources } from './kubernetes/resources';
export { SecretKey } from './kubernetes/secret-key';
export { NodePathOptions, Volume } from './kubernetes/volume';
export { WorkloadProps } from './kubernetes/workload';
export { Instrument } from './telemetry/instrument';
export { Metric, MetricProps } from './telemetry/metric';
