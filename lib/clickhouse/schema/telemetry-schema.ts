import { type ApiObject, Size } from 'cdk8s';
import { Construct } from 'constructs';
import { serviceAccount } from '../../kubernetes/access';
import { type Checks, checkProps, required } from '../../kubernetes/checks';
import { Images } from '../../kubernetes/images';
import { labels, type WorkloadIdentity } from '../../kubernetes/labels';
import { hashedName, schemaName, workloadName } from '../../kubernetes/names';
import { allowConnections, isolate } from '../../kubernetes/network-edges';
import { object } from '../../kubernetes/object';
import { checksum, podTemplate } from '../../kubernetes/pod-template';
import { Problems } from '../../kubernetes/problems';
import { identityOf, type WorkloadProps, workloadChecks } from '../../kubernetes/workload';
import { ClickHouseUser, clickHouseCheck, type IClickHouse } from '../clickhouse';
import { clickHouseImageUser, clientContainer } from '../clickhouse-client';
import { schemaVersion } from './migrations';
import { type Retention, retentionCheck } from './retention';
import { schemaText } from './schema';

/** Properties of a TelemetrySchema. */
export interface TelemetrySchemaProps extends WorkloadProps {
  /** The store that gets the tables. */
  readonly clickhouse: IClickHouse;
  /**
   * How long each signal is kept. What is left out keeps its default; tables that are there already follow.
   * @default - logs 30 days, traces 14 days, metrics 395 days
   */
  readonly retention?: Retention;
}

/**
 * The tables of telemetry in a store: a Job that makes them, brings those of an earlier release to the newest version, and applies retention.
 * It waits for the store, may run any number of times, and runs again whenever what it does changes, and every hour. Collectors wait for its version before they write.
 * A ClickHouseCluster has one already.
 *
 * @example
 * new TelemetrySchema(chart, 'Schema', { clickhouse, retention: { logs: Duration.days(7) } });
 */
export class TelemetrySchema extends Construct {
  /** The version that it makes. */
  readonly version: number = schemaVersion;
  /** Runs at once when what it does is new. */
  readonly job: ApiObject;
  /** Runs every hour, so that what was said last is what holds: a Job that has run before does not run again, when something is taken back. */
  readonly cronJob: ApiObject;
  /** The statements. */
  readonly configMap: ApiObject;
  /** The account of the Job. It has no rights and no token. */
  readonly serviceAccount: ApiObject;

  /** @throws if a property is wrong, with all that is wrong */
  constructor(scope: Construct, id: string, props: TelemetrySchemaProps) {
    super(scope, id);
    this.check(props);
    const identity = identityOf(this, props, { name: schemaName(workloadName.clickhouse), component: 'schema', program: 'clickhouse' });
    const { clickhouse, retention } = props;
    const statements = schemaText({ database: clickhouse.database, owner: clickhouse.login(ClickHouseUser.ADMIN).username }, retention);
    this.serviceAccount = serviceAccount(this, identity);
    this.configMap = object(this, 'ConfigMap', 'v1/ConfigMap', { metadata: metadata(identity), data: { [schemaFile]: statements } });
    const template = this.podTemplate(identity, props, statements);
    this.job = this.createJob(identity, template);
    this.cronJob = this.createCronJob(identity, template);
    const isolated = props.networkPolicies ?? true;
    if (isolated) {
      isolate(this, identity);
    }
    allowConnections(this, identity, [clickhouse.nativeEndpoint], isolated);
  }

  private check(props: TelemetrySchemaProps): void {
    const problems = Problems.of(this);
    problems.add(...checkProps(props, schemaChecks));
    problems.throwIfAny();
  }

  private podTemplate(identity: WorkloadIdentity, props: TelemetrySchemaProps, statements: string): ReturnType<typeof podTemplate> {
    return podTemplate({
      workload: identity,
      user: clickHouseImageUser,
      configuration: statements,
      containers: [
        clientContainer({
          name: 'clickhouse-client',
          image: (props.images ?? Images.upstream())._reference('clickhouse'),
          clickhouse: props.clickhouse,
          user: ClickHouseUser.ADMIN,
          arguments: ['--queries-file', `${schemaFolder}/${schemaFile}`],
          volumeMounts: [{ name: 'schema', mountPath: schemaFolder, readOnly: true }],
          resources: props.resources,
        }),
      ],
      volumes: [{ name: 'schema', configMap: { name: identity.name } }],
      pod: { restartPolicy: 'OnFailure' },
    });
  }

  private createJob(identity: WorkloadIdentity, template: ReturnType<typeof podTemplate>): ApiObject {
    return object(this, 'Resource', 'batch/v1/Job', {
      // What a Job does cannot be changed, so another one has another name. It stays when it is done: deleted, it would be made again for ever by who keeps the cluster in step with a repository.
      metadata: metadata(identity, hashedName(identity.name, checksum(template))),
      // Days, as attempts come every five minutes in the end: the store may take its time.
      spec: { backoffLimit: 1000, template },
    });
  }

  /** Its template may change. It also undoes what a Job of an earlier version did late. */
  private createCronJob(identity: WorkloadIdentity, template: ReturnType<typeof podTemplate>): ApiObject {
    return object(this, 'Hourly', 'batch/v1/CronJob', {
      metadata: metadata(identity),
      spec: {
        schedule: '17 * * * *',
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: 600,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 1,
        jobTemplate: { spec: { backoffLimit: 4, template } },
      },
    });
  }
}

const schemaFolder = '/etc/clickhouse-schema';
const schemaFile = 'schema.sql';

const metadata = (identity: WorkloadIdentity, name = identity.name) => ({ name, namespace: identity.namespace, labels: labels(identity) });

const schemaChecks: Checks<TelemetrySchemaProps> = {
  ...workloadChecks(Size.mebibytes(256)),
  clickhouse: required(clickHouseCheck),
  retention: retentionCheck,
};
