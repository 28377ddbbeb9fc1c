import { instance } from '../kubernetes/checks';
import type { Endpoint } from '../kubernetes/endpoint';
import type { SecretKey } from '../kubernetes/secret-key';
import type { Retention } from './schema/retention';

/** Who a store is used as. Each may do no more than its part needs. */
export enum ClickHouseUser {
  /** Makes and changes tables. */
  ADMIN = 'admin',
  /** Inserts telemetry, and reads nothing of it. */
  WRITER = 'writer',
  /** Reads everything, within limits of time and memory, and changes nothing. */
  READER = 'reader',
}

/** How a user of the store logs in. */
export interface ClickHouseLogin {
  /** The user's name. */
  readonly username: string;
  /** Where the password lies. */
  readonly password: SecretKey;
}

/** A store for telemetry: a ClickHouseCluster, or a server that is there already. */
export interface IClickHouse {
  /** ClickHouse's native protocol. */
  readonly nativeEndpoint: Endpoint;
  /** ClickHouse over HTTP. */
  readonly httpEndpoint: Endpoint;
  /**
   * Where the server's own metrics are scraped.
   * @default - they are not
   */
  readonly metricsEndpoint?: Endpoint;
  /**
   * How long it keeps telemetry: what is older need not be sent to it.
   * @default - it is not known
   */
  readonly retention?: Retention;
  /** The database that holds the tables of telemetry. */
  readonly database: string;
  /** How one of the three users logs in. */
  login(user: ClickHouseUser): ClickHouseLogin;
}

/** Known by its members, as other packages may hold stores of their own. */
export const clickHouseCheck = instance(
  'a ClickHouseCluster, or another IClickHouse',
  'nativeEndpoint',
  'httpEndpoint',
  'database',
  'login',
);
