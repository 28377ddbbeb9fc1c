/** A column of a table of the store. Its name is the key that it stands under. */
export interface Column {
  /** As ClickHouse spells it: `LowCardinality(String)`. */
  readonly dataType: string;
  /**
   * How it is compressed: `ZSTD(1)`.
   * @default - the server's, LZ4
   */
  readonly codec?: string;
  /** Computed from other columns when a row is written; it takes part in no INSERT. */
  readonly materialized?: string;
  /** Computed when it is read. */
  readonly alias?: string;
}

export const column = (dataType: string, codec = 'ZSTD(1)'): Column => ({ dataType, codec });

/** What repeats: a dictionary a part, read and compared as a number. */
export const dictionary = (): Column => column('LowCardinality(String)');

export const materialized = (dataType: string, expression: string): Column => ({ dataType, codec: 'ZSTD(1)', materialized: expression });

/** A value read at query time only; it takes no room. */
export const alias = (dataType: string, expression: string): Column => ({ dataType, alias: expression });

/**
 * Attributes whose values repeat: of resources and scopes. With dictionaries for keys and values they cost next to nothing where rows lie next to their like,
 * and read as any map of texts.
 */
export const repeatingAttributes = (): Column => column('Map(LowCardinality(String), LowCardinality(String))');

/** Attributes whose values are of all kinds. */
export const attributes = (): Column => column('Map(LowCardinality(String), String)', 'ZSTD(3)');

/** Arrays of equal length, as the store keeps a list of records: `Events.Name`, `Events.Timestamp`. */
export function nested<Name extends string, Field extends string>(
  name: Name,
  fields: Record<Field, string>,
): Record<`${Name}.${Field}`, Column> {
  return Object.fromEntries(
    Object.entries<string>(fields).map(([field, dataType]) => [`${name}.${field}`, column(`Array(${dataType})`)]),
  ) as Record<`${Name}.${Field}`, Column>;
}
