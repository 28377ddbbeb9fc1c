import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { credentials } from '../../lib/cli/credentials';
import { shippedImages } from '../../lib/kubernetes/images';
import { Cluster } from './harness/cluster';
import type { Manifest } from './harness/container';
import { objectsForOlderComponents } from './harness/older-components';
import { eventually } from './harness/program';

const reference = (name: keyof typeof shippedImages) => `${shippedImages[name].repository}:${shippedImages[name].tag}`;

/** The stack on a node of its own: started as the README says, asked as its users are. */
export class NodeStack {
  static async start(objects: readonly Manifest[]): Promise<NodeStack> {
    const cluster = await Cluster.start({
      collector: reference('collector'),
      clickhouse: reference('clickhouse'),
      grafana: reference('grafana'),
    });
    await cluster.apply(objectsForOlderComponents(objects));
    const stack = new NodeStack(cluster);
    await stack.applyCredentials(objects);
    await cluster.rolledOut(objects, 420);
    return stack;
  }

  private constructor(readonly cluster: Cluster) {}

  /** Rows of a query, as the user that Grafana is. */
  async query<Row = Record<string, string>>(sql: string): Promise<Row[]> {
    return this.cluster.query<Row>('clickhouse.observability:8123', sql, {
      username: 'reader',
      password: await this.password('clickhouse-reader'),
    });
  }

  /** How many rows there are, once there are at least so many. */
  async count(table: string, condition: string, atLeast: number, seconds = 120): Promise<number> {
    const count = async () => Number((await this.query<{ n: string }>(`SELECT count() AS n FROM otel.${table} WHERE ${condition}`))[0].n);
    await eventually(`${atLeast} rows of ${table} where ${condition}`, async () => (await count()) >= atLeast, seconds).catch(
      () => undefined,
    );
    return count();
  }

  async password(secret: string): Promise<string> {
    const data = await this.cluster.kubectl(['get', 'secret', '-n', 'observability', secret, '-o', 'jsonpath={.data.password}']);
    return Buffer.from(data, 'base64').toString();
  }

  private async applyCredentials(objects: readonly Manifest[]): Promise<void> {
    const dist = mkdtempSync(join(tmpdir(), 'dist-'));
    writeFileSync(join(dist, 'observability.k8s.yaml'), objects.map((object) => stringify(object)).join('---\n'));
    await this.cluster.apply(credentials(dist).manifests);
    rmSync(dist, { recursive: true });
  }
}
