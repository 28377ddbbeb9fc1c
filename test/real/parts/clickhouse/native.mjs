// ClickHouse's Native format as a client asks for it in its first query, when it has named its own protocol version and does not know the server's.
// The engine writes Native of version 0. The answer says that this is the server's version, so all later answers go out as the engine wrote them.

export const isHello = (sql) => /^\s*SELECT displayName\(\), version\(\), revision\(\), timezone\(\)\s*$/.test(sql);

export function hello(version, timezone) {
  const columns = [
    ['displayName()', 'String', text('clickhouse')],
    ['version()', 'String', text(version)],
    ['revision()', 'UInt32', Buffer.alloc(4)],
    ['timezone()', 'String', text(timezone)],
  ];
  // Information about the block: is_overflows = 0, bucket_num = -1.
  const blockInfo = Buffer.from([1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0]);
  const hasCustomSerialization = Buffer.from([0]);
  return Buffer.concat([
    blockInfo,
    varint(columns.length),
    varint(1),
    ...columns.flatMap(([name, type, value]) => [text(name), text(type), hasCustomSerialization, value]),
  ]);
}

const text = (value) => Buffer.concat([varint(Buffer.byteLength(value)), Buffer.from(value)]);

function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}
