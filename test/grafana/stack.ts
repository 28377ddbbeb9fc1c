import { Chart, Testing } from 'cdk8s';
import { parse } from 'yaml';
import type { IClickHouse } from '../../lib/clickhouse/clickhouse';
import { GrafanaStack, type GrafanaStackProps } from '../../lib/grafana/grafana-stack';
import { Reach } from '../../lib/kubernetes/endpoint';
import { SecretKey } from '../../lib/kubernetes/secret-key';

/** A store somewhere: what Grafana is told of one. */
const store: IClickHouse = {
  nativeEndpoint: { host: 'clickhouse.observability.svc', port: 9000, reach: Reach.cidrs('10.0.0.0/8') },
  httpEndpoint: { host: 'clickhouse.observability.svc', port: 8123, reach: Reach.cidrs('10.0.0.0/8') },
  database: 'otel',
  login: (user) => ({ username: user, password: SecretKey.of(`clickhouse-${user}`, 'password') }),
};

export type Manifest = any;

export interface Stack {
  readonly grafana: GrafanaStack;
  readonly chart: Chart;
}

export function stack(props: Partial<GrafanaStackProps> = {}): Stack {
  const chart = new Chart(Testing.app(), 'test');
  return { chart, grafana: new GrafanaStack(chart, 'Grafana', { clickhouse: store, ...props }) };
}

export const manifests = ({ chart }: Stack): Manifest[] => Testing.synth(chart);

export const find = (all: Manifest[], kind: string, name: string): Manifest =>
  all.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);

/** The environment of Grafana's container, references as `secret/key`. */
export function environment(all: Manifest[]): Record<string, string> {
  const [{ env }] = find(all, 'Deployment', 'grafana').spec.template.spec.containers;
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }: Manifest) => [name, value ?? `${valueFrom.secretKeyRef.name}/${valueFrom.secretKeyRef.key}`]),
  );
}

/** A provisioning file, as Grafana parses it. */
export const provisioned = (all: Manifest[], file: string): Manifest => parse(find(all, 'ConfigMap', 'grafana-provisioning').data[file]);

export const dashboard = (all: Manifest[], uid: string): Manifest =>
  JSON.parse(find(all, 'ConfigMap', `grafana-dashboard-${uid}`).data['dashboard.json']);
