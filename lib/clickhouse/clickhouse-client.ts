import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import type { Container } from '../../imports/kubernetes';
import { containerSecurity } from '../kubernetes/pod-template';
import { type Resources, resourceRequirements } from '../kubernetes/resources';
import type { ClickHouseUser, IClickHouse } from './clickhouse';

/** The one program of the image; it is server, client and engine on files. Without a shell in front, images that have none do. */
export const clickHouseProgram = '/usr/bin/clickhouse';

/** The user of the official image. */
export const clickHouseImageUser = 101;

/** For what runs seconds and holds no data. */
export const smallContainer: Resources = { cpu: Cpu.millis(100), memory: Size.mebibytes(512) };

export interface ClientContainerProps {
  readonly name: string;
  readonly image: string;
  readonly clickhouse: IClickHouse;
  readonly user: ClickHouseUser;
  /** What it is to do: `--query`, `--queries-file`. */
  readonly arguments: string[];
  readonly volumeMounts?: Container['volumeMounts'];
  /** @default - those of something small */
  readonly resources?: Resources;
}

/** Asks the store something once, and fails if that fails: Kubernetes tries again. */
export function clientContainer(props: ClientContainerProps): Container {
  const { host, port, tls } = props.clickhouse.nativeEndpoint;
  const { username, password } = props.clickhouse.login(props.user);
  const connection = ['--host', host, '--port', String(port), ...(tls ? ['--secure'] : []), '--user', username];
  return {
    name: props.name,
    image: props.image,
    command: [clickHouseProgram, 'client', ...connection, ...props.arguments],
    // Not an argument: those can be read by everybody who may list the pod's processes.
    env: [{ name: 'CLICKHOUSE_PASSWORD', valueFrom: { secretKeyRef: { name: password.name, key: password.key } } }],
    resources: resourceRequirements(props.resources ?? smallContainer),
    securityContext: containerSecurity(),
    ...(props.volumeMounts ? { volumeMounts: props.volumeMounts } : {}),
  };
}
