import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Rows that the real collectors wrote on a real node, by `npm run record`. */
const folder = join(__dirname, '../fixtures/recorded');

/** Seconds since 1970 of its beginning and end. */
export const recording: { readonly from: number; readonly to: number } = JSON.parse(readFileSync(join(folder, 'recording.json'), 'utf8'));

export interface RecordedTable {
  readonly name: string;
  /** Rows as JSON, a line each. */
  readonly lines: string;
}

export const recordedTables = (): RecordedTable[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl.gz'))
    .map((file) => ({ name: file.replace('.jsonl.gz', ''), lines: gunzipSync(readFileSync(join(folder, file))).toString() }))
    .filter(({ lines }) => lines !== '');

export const insertOfRecorded = ({ name, lines }: RecordedTable): string => `INSERT INTO otel.${name} FORMAT JSONEachRow\n${lines}`;
