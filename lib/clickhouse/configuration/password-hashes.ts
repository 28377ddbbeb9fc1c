import { ClickHouseUser } from '../clickhouse';
import { clickHousePath } from './server-configuration';

/** Where the passwords are mounted, each as a file of its user's name. */
export const passwordsPath = '/run/clickhouse/passwords';

/** Everybody who logs in, in a fixed order. */
const users: readonly ClickHouseUser[] = Object.values(ClickHouseUser).sort();

/**
 * Makes the file of hashes that the users' configuration includes, from the mounted passwords: no program but ClickHouse itself is needed, so that images
 * without a shell do. It runs at each start of the pod, over what an earlier start left.
 */
export const hashesQuery = `SELECT concat('<clickhouse>', arrayStringConcat(arraySort(groupArray(hash))), '</clickhouse>') FROM (
  SELECT concat('<', _file, '>', lower(hex(SHA256(raw_blob))), '</', _file, '>') AS hash
  FROM file('${passwordsPath}/{${users.join(',')}}', 'RawBLOB')
  WHERE NOT ignore(${users.map(lineBreakRefused).join(', ')})
) HAVING NOT ignore(throwIf(count() != ${users.length}, 'one of the passwords of ${users.join(', ')} is empty'))
INTO OUTFILE '${clickHousePath.hashes}/${clickHousePath.hashesFile}' TRUNCATE FORMAT RawBLOB`;

/** Clients get the value from the environment, with whatever stands at its end, and would be turned away without a reason. */
function lineBreakRefused(user: ClickHouseUser): string {
  return `throwIf(_file = '${user}' AND endsWith(raw_blob, '\\n'), 'the password of ${user} ends with a line break: make its Secret without it')`;
}
