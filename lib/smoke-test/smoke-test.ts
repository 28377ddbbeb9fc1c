import { type ApiObject, Size } from 'cdk8s';
import { Construct } from 'constructs';
import { ClickHouseUser, clickHouseCheck, type IClickHouse } from '../clickhouse/clickhouse';
import { clickHouseImageUser, clickHouseProgram, smallContainer } from '../clickhouse/clickhouse-client';
import { xml } from '../clickhouse/configuration/xml';
import { Collector } from '../collector/collector';
import { gatewayCheck, type IGateway } from '../collector/gateway';
import { serviceAccount } from '../kubernetes/access';
import { type Checks, checkProps, required } from '../kubernetes/checks';
import type { Endpoint } from '../kubernetes/endpoint';
import { Images } from '../kubernetes/images';
import { labels, type WorkloadIdentity } from '../kubernetes/labels';
import { hashedName, workloadName } from '../kubernetes/names';
import { allowConnections, isolate } from '../kubernetes/network-edges';
import { object } from '../kubernetes/object';
import { checksum, containerSecurity, podTemplate } from '../kubernetes/pod-template';
import { type Problem, Problems } from '../kubernetes/problems';
import { resourceRequirements } from '../kubernetes/resources';
import type { SecretKey } from '../kubernetes/secret-key';
import { identityOf, type WorkloadProps, workloadChecks } from '../kubernetes/workload';
import { smokeTestSql } from './smoke-test-sql';

/** Properties of a SmokeTest. */
export interface SmokeTestProps extends WorkloadProps {
  /** Where it sends. */
  readonly gateway: IGateway;
  /** Where it looks for what it sent, as the user `reader`. */
  readonly clickhouse: IClickHouse;
}

/**
 * A Job that sends a log record, a span and a metric point through the gateway and waits until they are in the store: the way that all telemetry takes, tried once.
 * Its log names the hop that fails. It tries again until it passes, so that on a new cluster it is done when the stack works, and runs anew, under another name,
 * when what it tests is configured differently. What processors of the gateway drop does not come, and it says so; a sampler of traces keeps its span, whose `sampling.priority` is 1.
 *
 * It has the image of the store, and no shell: ClickHouse's own engine makes the requests.
 *
 * @example
 * new SmokeTest(chart, 'SmokeTest', { gateway, clickhouse });
 */
export class SmokeTest extends Construct {
  /** The Job. It stays when it is done. */
  readonly job: ApiObject;
  /** What it runs. */
  readonly configMap: ApiObject;
  /** The account of its pod. It has no rights and no token. */
  readonly serviceAccount: ApiObject;

  /** @throws if a property is wrong, with all that is wrong */
  constructor(scope: Construct, id: string, props: SmokeTestProps) {
    super(scope, id);
    this.check(props);
    const identity = identityOf(this, props, { name: workloadName.smokeTest, component: 'smoke-test', program: 'clickhouse' });
    const { gateway, clickhouse } = props;
    const files = filesOf(identity, props);
    this.serviceAccount = serviceAccount(this, identity);
    this.configMap = object(this, 'ConfigMap', 'v1/ConfigMap', { metadata: metadata(identity), data: files });
    this.job = this.createJob(identity, props, files);
    const isolated = props.networkPolicies ?? true;
    if (isolated) {
      isolate(this, identity);
    }
    allowConnections(this, identity, [gateway.otlpHttp, clickhouse.httpEndpoint], isolated);
  }

  private check(props: SmokeTestProps): void {
    const problems = Problems.of(this);
    problems.add(...checkProps(props, smokeTestChecks));
    problems.throwIfAny();
    problems.add(...authorityProblems(props), ...nameProblems(props));
    problems.throwIfAny();
  }

  private createJob(identity: WorkloadIdentity, props: SmokeTestProps, files: Record<string, string>): ApiObject {
    const { gateway } = props;
    const secrets = secretFiles(props);
    const template = podTemplate({
      workload: identity,
      user: clickHouseImageUser,
      // Of the gateway too: what changed there is what is to be tried.
      configuration: [files, gateway instanceof Collector ? gateway.configText : ''],
      containers: [
        {
          name: 'smoke-test',
          image: (props.images ?? Images.upstream())._reference('clickhouse'),
          command: [clickHouseProgram, 'local', ...optionsOf(files)],
          resources: resourceRequirements(props.resources ?? smallContainer),
          securityContext: containerSecurity(),
          volumeMounts: [
            { name: 'statements', mountPath: folder, readOnly: true },
            { name: 'secrets', mountPath: secretFolder, readOnly: true },
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        { name: 'statements', configMap: { name: identity.name } },
        {
          name: 'secrets',
          projected: { sources: Object.entries(secrets).map(([path, { name, key }]) => ({ secret: { name, items: [{ key, path }] } })) },
        },
        { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
      ],
      pod: { restartPolicy: 'OnFailure' },
    });
    return object(this, 'Resource', 'batch/v1/Job', {
      // A Job cannot be changed, so another one has another name. It stays when it is done: deleted, it would be made again for ever by who keeps the cluster in step with a repository.
      metadata: metadata(identity, hashedName(identity.name, checksum(template))),
      // Days, as attempts come every five minutes in the end: at the end of a Job that gave up its pod would go, and the log with it.
      spec: { backoffLimit: 1000, template },
    });
  }
}

const folder = '/etc/smoke-test';
const statementsFile = 'smoke-test.sql';
const configurationFile = 'config.xml';
const secretFolder = '/run/smoke-test';

const metadata = (identity: WorkloadIdentity, name = identity.name) => ({ name, namespace: identity.namespace, labels: labels(identity) });

function filesOf(identity: WorkloadIdentity, { gateway, clickhouse }: SmokeTestProps): Record<string, string> {
  const { username } = clickhouse.login(ClickHouseUser.READER);
  const statements = smokeTestSql({
    gateway: { endpoint: gateway.otlpHttp, headers: gateway.token && { Authorization: `concat('Bearer ', ${contentOf('token')})` } },
    store: {
      endpoint: clickhouse.httpEndpoint,
      headers: { 'X-ClickHouse-User': `'${username}'`, 'X-ClickHouse-Key': contentOf('password') },
    },
    database: clickhouse.database,
    service: identity.name,
  });
  const authority = authorities(gateway.otlpHttp, clickhouse.httpEndpoint).length > 0;
  const configuration = { [configurationFile]: xml({ openSSL: { client: { caConfig: `${secretFolder}/ca.crt` } } }) };
  return { [statementsFile]: statements, ...(authority ? configuration : {}) };
}

const optionsOf = (files: Record<string, string>) => [
  '--queries-file',
  `${folder}/${statementsFile}`,
  ...(configurationFile in files ? ['--config-file', `${folder}/${configurationFile}`] : []),
];

/** Read when it is needed: a secret stands neither in the statements nor among the arguments. */
const contentOf = (file: string) => `(SELECT raw_blob FROM file('${secretFolder}/${file}', 'RawBLOB'))`;

function secretFiles({ gateway, clickhouse }: SmokeTestProps): Record<string, SecretKey> {
  const { token } = gateway;
  const [authority] = authorities(gateway.otlpHttp, clickhouse.httpEndpoint);
  return {
    password: clickhouse.login(ClickHouseUser.READER).password,
    ...(token ? { token } : {}),
    ...(authority ? { 'ca.crt': authority } : {}),
  };
}

const authorities = (...endpoints: Endpoint[]): SecretKey[] =>
  endpoints.flatMap(({ tls, caCertificate }) => (tls && caCertificate ? [caCertificate] : []));

/** ClickHouse takes one file of authorities. */
function authorityProblems({ gateway, clickhouse }: SmokeTestProps): Problem[] {
  const names = new Set(authorities(gateway.otlpHttp, clickhouse.httpEndpoint).map(({ name, key }) => `${name}/${key}`));
  return names.size < 2
    ? []
    : [
        {
          where: 'gateway, clickhouse',
          given: `two certificate authorities, ${[...names].join(' and ')}`,
          allowed: 'one: a Secret with the certificates of both, given to each of them',
        },
      ];
}

/** ClickHouse checks a certificate for the name that it connects to, and for no other. */
const nameProblems = ({ gateway }: SmokeTestProps): Problem[] =>
  gateway.otlpHttp.serverName
    ? [
        {
          where: 'gateway',
          given: `a certificate for ${gateway.otlpHttp.serverName}`,
          allowed: `one for ${gateway.otlpHttp.host}`,
          fix: 'Or no smoke test: `smokeTest: false` of the chart',
        },
      ]
    : [];

const smokeTestChecks: Checks<SmokeTestProps> = {
  ...workloadChecks(Size.mebibytes(256)),
  gateway: required(gatewayCheck),
  clickhouse: required(clickHouseCheck),
};
