// `cdk8s-observability/otelcol`: components of the collector with their types, for programs in TypeScript. The same components in every language: Component.
export type * from '../imports/otelcol-types';
export * from './collector/typed-components';
