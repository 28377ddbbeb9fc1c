import { setTimeout as sleep } from 'node:timers/promises';
import { podRuns } from './cluster-contents';
import { RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import type { ControlPlane } from './harness/control-plane';
import { afterTheFile } from './harness/program';

/** When a pod was ready, was told to end, and was gone. */
export interface PodLife {
  readonly name: string;
  readonly ready: number;
  readonly ended?: number;
  readonly gone?: number;
}

interface Running {
  readonly collector: RealCollector;
  life: PodLife;
  ending: boolean;
}

/**
 * In the kubelet's place for the pods of one StatefulSet, which the real controller makes and deletes: each is a real collector with what the API server has of
 * its ConfigMap in that moment, runs under its own host name, is ready as soon as it is, and ends as its `preStop` says.
 */
export class StatefulPods {
  static start(plane: ControlPlane, workload: string, addresses: Record<string, string>, hosts: readonly string[]): StatefulPods {
    const pods = new StatefulPods(plane, workload, addresses, hosts);
    const loop = pods.keepUp();
    afterTheFile(async () => {
      pods.over = true;
      await loop;
    });
    return pods;
  }

  private readonly running = new Map<string, Running>();
  private readonly tasks: Promise<void>[] = [];
  private failure?: unknown;
  private over = false;

  private constructor(
    private readonly plane: ControlPlane,
    private readonly workload: string,
    private readonly addresses: Record<string, string>,
    /** Lines of their `/etc/hosts`. */
    private readonly hosts: readonly string[],
  ) {}

  /** All that were ever ready, the first first. */
  get lives(): PodLife[] {
    return [...this.running.values()].map(({ life }) => life).sort((one, other) => one.ready - other.ready);
  }

  /** Names of those that run, once nothing changes any more: all are of the StatefulSet's last revision. */
  async settled(): Promise<string[] | undefined> {
    if (this.failure) {
      throw this.failure;
    }
    const [{ metadata, spec, status }] = (await this.plane.get('statefulsets', namespace)).filter(
      (object) => object.metadata.name === this.workload,
    );
    const { observedGeneration, readyReplicas, updatedReplicas, replicas } = status;
    const alive = this.lives.filter(({ gone }) => gone === undefined).map(({ name }) => name);
    const numbers = [readyReplicas, updatedReplicas, replicas, alive.length];
    return observedGeneration === metadata.generation && numbers.every((number) => number === spec.replicas) ? alive.sort() : undefined;
  }

  private begin(task: Promise<void>): void {
    this.tasks.push(
      task.catch((error) => {
        this.failure ??= error;
      }),
    );
  }

  private async keepUp(): Promise<void> {
    const started = new Set<string>();
    while (!this.over) {
      for (const pod of await this.plane.get('pods', namespace)) {
        const { uid, deletionTimestamp } = pod.metadata;
        if (!started.has(uid)) {
          started.add(uid);
          this.begin(this.run(pod));
        }
        const running = this.running.get(uid);
        if (deletionTimestamp && running && !running.ending) {
          running.ending = true;
          this.begin(this.end(pod, running));
        }
      }
      await sleep(200);
    }
    await Promise.all(this.tasks);
  }

  private async run({ metadata, spec }: Manifest): Promise<void> {
    const { name } = metadata;
    const owner = { kind: 'StatefulSet', metadata: { name: this.workload, namespace }, spec: { template: { metadata, spec } } };
    const container = containerOf([owner, ...(await this.plane.get('configmaps', namespace))], this.workload, 'otel-collector', {
      podName: name,
    });
    const { env, files } = await this.plane.inCluster(this.workload, namespace);
    const inCluster = { env, files: { ...files, '/etc/hosts': `${this.hosts.join('\n')}\n` } };
    const collector = await RealCollector.start({ container, addresses: this.addresses, inCluster, hostname: name });
    await podRuns(this.plane, name, '127.0.0.1', [], { namespace });
    this.running.set(metadata.uid, { collector, ending: false, life: { name, ready: Date.now() } });
  }

  private async end({ metadata, spec }: Manifest, running: Running): Promise<void> {
    await sleep(spec.containers[0].lifecycle.preStop.sleep.seconds * 1000);
    const ended = Date.now();
    await running.collector.stop();
    await this.plane.kubectl(['delete', 'pod', metadata.name, '-n', namespace, '--grace-period=0', '--force']);
    running.life = { ...running.life, ended, gone: Date.now() };
  }
}

const namespace = 'observability';
