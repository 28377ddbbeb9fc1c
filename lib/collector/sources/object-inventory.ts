import { Duration } from 'cdk8s';
import { type Check, type Checks, duration, kubernetesName, list, refuse, required, struct, text } from '../../kubernetes/checks';
import { shown } from '../../kubernetes/problems';
import { Countable } from '../../telemetry/countable';
import { Component } from '../component';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { leaderElection } from './leader-election';

/** Objects of one kind. */
export interface InventoryObjects {
  /** Plural name of the kind, e.g. `deployments`. */
  readonly resource: string;
  /**
   * Its group of the API, e.g. `apps`.
   * @default - the core group
   */
  readonly apiGroup?: string;
  /**
   * Namespaces to look into.
   * @default - all
   */
  readonly namespaces?: string[];
  /**
   * Only objects with these labels, e.g. `tier=front,!canary`.
   * @default - all
   */
  readonly labelSelector?: string;
  /**
   * How often all of them are listed: each time is a log record an object.
   * @default Duration.hours(1)
   */
  readonly interval?: Duration;
}

/** Properties of ObjectInventory. */
export interface ObjectInventoryProps {
  /** What is listed. */
  readonly objects: InventoryObjects[];
}

/**
 * Objects of Kubernetes as log records, listed now and again: what no metric tells (generations, budgets, images, who owns what), and what it was yesterday.
 * The body is the object without `managedFields` and what kubectl applied; `k8s.object.kind`, `.name` and `.uid` are attributes. Of several replicas one lists.
 * Rights follow from the kinds. Secrets are refused. A kind that the cluster does not have is left out, with a line in the collector's log; a collector all of whose
 * kinds are missing does not start.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/k8sobjectsreceiver
 */
export class ObjectInventory extends Source {
  private readonly objects: readonly InventoryObjects[];

  /** @throws if a property is wrong, with all that is wrong */
  constructor(props: ObjectInventoryProps) {
    super();
    refuse<ObjectInventoryProps>('ObjectInventory', props, checks);
    this.objects = props.objects;
  }

  bind(context: CollectorContext): SourceBinding {
    const inventory = Component.receiver({
      componentType: 'k8s_objects',
      config: {
        auth_type: 'serviceAccount',
        k8s_leader_elector: leaderElection(context),
        // A kind that is not there must not keep the collector from its other work.
        error_mode: 'ignore',
        objects: this.objects.map(({ resource, apiGroup, namespaces, labelSelector, interval = defaultInterval }) => ({
          name: resource,
          group: apiGroup,
          mode: 'pull',
          namespaces,
          label_selector: labelSelector,
          interval: `${Math.round(interval.toSeconds({ integral: false }))}s`,
        })),
      },
      access: {
        rules: this.objects.flatMap(({ resource, apiGroup = '', namespaces = [undefined] }) =>
          namespaces.map((onlyIn) => ({
            apiGroup,
            resources: [resource],
            verbs: ['list'],
            onlyIn,
            because: 'k8s_objects lists them for the inventory',
          })),
        ),
      },
    });
    return { receivers: { logs: [inventory] }, processors: { logs: [identified] }, ...counted(this.objects) };
  }
}

/** Kinds that a cluster is known to have so many of. */
const kinds: Readonly<Record<string, Countable>> = {
  nodes: Countable.NODE,
  namespaces: Countable.NAMESPACE,
  pods: Countable.POD,
  deployments: Countable.DEPLOYMENT,
  daemonsets: Countable.DAEMON_SET,
  statefulsets: Countable.STATEFUL_SET,
  jobs: Countable.JOB,
  cronjobs: Countable.CRON_JOB,
  horizontalpodautoscalers: Countable.AUTOSCALER,
  persistentvolumeclaims: Countable.CLAIM,
};

function counted(objects: readonly InventoryObjects[]): Pick<SourceBinding, 'rows' | 'notCounted'> {
  const known = objects.filter(({ resource, namespaces, labelSelector }) => resource in kinds && !namespaces && !labelSelector);
  const others = objects.filter((object) => !known.includes(object)).map(({ resource }) => resource);
  return {
    rows: known.map(({ resource, interval = defaultInterval }) => ({
      per: kinds[resource],
      logRecords: 1 / interval.toMinutes({ integral: false }),
    })),
    notCounted: ['an object takes more bytes than a line', ...(others.length > 0 ? [`how many there are of ${others.join(', ')}`] : [])],
  };
}

const defaultInterval = Duration.hours(1);

/** Names are attributes, to be found by; what only tells who wrote which field is half of an object, and nobody asks for it. */
const identified = Component.processor({
  componentType: 'transform',
  name: 'inventory',
  config: {
    error_mode: 'ignore',
    log_statements: [
      'set(log.time_unix_nano, log.observed_time_unix_nano)',
      'set(log.attributes["k8s.object.kind"], log.body["kind"]) where log.body["kind"] != nil',
      'set(log.attributes["k8s.object.name"], log.body["metadata"]["name"]) where log.body["metadata"]["name"] != nil',
      'set(log.attributes["k8s.object.uid"], log.body["metadata"]["uid"]) where log.body["metadata"]["uid"] != nil',
      'delete_key(log.body["metadata"], "managedFields")',
      'delete_key(log.body["metadata"]["annotations"], "kubectl.kubernetes.io/last-applied-configuration")',
    ],
  },
});

const resource: Check = (value, where) =>
  String(value).split('/')[0] === 'secrets'
    ? [{ where, given: shown(value), allowed: 'any kind but Secrets: what they hold would stand in the logs' }]
    : text({ max: 63, pattern: /^[a-z][a-z0-9]*$/, allowed: 'the plural name of a kind in lower case, e.g. `deployments`' })(value, where);

const group = text({
  pattern: /^(?!(.*\.)?v\d+((alpha|beta)\d+)?$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/,
  allowed: 'a group of the API without the version, e.g. `apps`',
});

const labelSelector = (() => {
  const key = '([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?';
  const value = '([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?';
  const compared = `\\s*(={1,2}|!=)\\s*${value}|\\s*[<>]\\s*\\d+|\\s+(in|notin)\\s*\\(\\s*${value}\\s*(,\\s*${value}\\s*)*\\)`;
  const one = `\\s*(!\\s*${key}|${key}(${compared})?)\\s*`;
  return new RegExp(`^${one}(,${one})*$`);
})();

const eachKind = list(
  struct<InventoryObjects>({
    resource: required(resource),
    apiGroup: group,
    namespaces: list(kubernetesName(), { min: 1 }),
    labelSelector: text({
      max: 1000,
      pattern: labelSelector,
      allowed: 'selectors of labels as kubectl takes them, with commas between them: `tier=front`, `!canary`, `tier in (front,back)`',
    }),
    interval: duration(Duration.minutes(1), Duration.days(1)),
  }),
  { min: 1 },
);

/** The same objects listed twice would stand in the logs twice. */
const eachOnce: Check = (value, where) => {
  const problems = eachKind(value, where);
  const names = problems.length > 0 ? [] : (value as InventoryObjects[]).map(kindOf);
  return [
    ...problems,
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => ({ where, given: `${name} twice`, allowed: 'each kind once: give it a list of namespaces' })),
  ];
};

const kindOf = ({ resource, apiGroup }: InventoryObjects) => `\`${resource}\`${apiGroup ? ` of ${apiGroup}` : ''}`;

const checks: Checks<ObjectInventoryProps> = { objects: required(eachOnce) };
