import { DagsterPipesError } from './errors.ts';
import { encodeJson, isRecord, PipesFloat } from './json.ts';
import {
  checkLineage,
  checkTable,
  checkTableSchema,
  type PipesColumnDependency,
  type PipesTableCell,
  type PipesTableColumn,
} from './metadata-tables.ts';

/** The metadata types Dagster 1.13 accepts over Pipes. `__infer__` leaves the choice to Dagster. */
export type PipesMetadataType = keyof typeof checks;

/** Metadata in wire form. */
export interface PipesMetadataValue {
  readonly type: PipesMetadataType;
  readonly raw_value: unknown;
}

/** What a caller may give: typed values, or bare ones (`bigint` becomes an int, `Date` a timestamp, the rest is inferred by Dagster). */
export type PipesMetadataInput = Readonly<Record<string, unknown>>;

/** Makers of typed metadata. Each checks its value and throws DagsterPipesError where Dagster's reader would stop. */
export const PipesMetadata = {
  text: (value: string) => typed('text', value),
  url: (value: string) => typed('url', value),
  path: (value: string) => typed('path', value),
  notebook: (value: string) => typed('notebook', value),
  /** Markdown. */
  md: (value: string) => typed('md', value),
  json: (value: object) => typed('json', value),
  /** A whole number; beyond 2^53 as `bigint`. */
  int: (value: number | bigint) => typed('int', value),
  /** A float even if whole. NaN and the infinities become text, as Dagster stores no such number. */
  float: (value: number) => typed('float', value),
  bool: (value: boolean) => typed('bool', value),
  null: () => typed('null', null),
  /** A link to a run, by its id. */
  dagsterRun: (runId: string) => typed('dagster_run', runId),
  /** A link to an asset: key parts joined by `/`, without escaping. */
  asset: (key: string) => typed('asset', key),
  /** A moment: a `Date`, or seconds since 1970. */
  timestamp: (moment: Date | number) => typed('timestamp', moment instanceof Date ? moment.getTime() / 1000 : moment),
  /** Rows with equal columns, no nested values. Without a schema its columns are inferred from the rows. */
  table: (records: readonly Readonly<Record<string, PipesTableCell>>[], schema?: readonly PipesTableColumn[]) =>
    typed('table', { records, schema: schema ?? inferColumns(records) }),
  tableSchema: (columns: readonly PipesTableColumn[]) => typed('table_schema', { columns }),
  /** For each column the columns (asset key, name) it is made from. */
  tableColumnLineage: (depsByColumn: Readonly<Record<string, readonly PipesColumnDependency[]>>) =>
    typed('table_column_lineage', { deps_by_column: depsByColumn }),
} as const;

/**
 * Metadata as it goes on the wire, each value checked. Absent and null metadata are null; a label whose value is `undefined` is left out.
 * @throws DagsterPipesError naming the label.
 */
export function wireMetadata(metadata: unknown): Readonly<Record<string, PipesMetadataValue>> | null {
  if (metadata === undefined || metadata === null) return null;
  if (!isRecord(metadata)) throw new DagsterPipesError('Metadata must be a mapping of labels to values');
  const given = Object.entries(metadata).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([label, value]) => [label, labelled(label, value)]));
}

function labelled(label: string, value: unknown): PipesMetadataValue {
  try {
    return wireValue(value);
  } catch (error) {
    if (!(error instanceof DagsterPipesError)) throw error;
    throw new DagsterPipesError(`Metadata \`${label}\`: ${error.message}`, { cause: error });
  }
}

/** Per type: the wire value, or undefined if the value does not fit the type. */
const checks = {
  __infer__: (value: unknown) => value ?? null,
  text: string,
  url: string,
  path: string,
  notebook: string,
  md: string,
  dagster_run: string,
  asset: string,
  json: (value: unknown) => (typeof value === 'object' && /^[[{]/.test(encodeJson(value)) ? value : undefined),
  int: (value: unknown) => (typeof value === 'bigint' || Number.isSafeInteger(value) ? value : undefined),
  float: (value: unknown) =>
    typeof value === 'number' ? new PipesFloat(value) : value instanceof PipesFloat ? value : undefined,
  bool: (value: unknown) => (typeof value === 'boolean' ? value : undefined),
  null: (value: unknown) => value ?? null,
  timestamp: (value: unknown) => {
    const seconds = value instanceof PipesFloat ? value.value : value;
    return typeof seconds === 'number' && Number.isFinite(seconds) ? value : undefined;
  },
  table: checkTable,
  table_schema: checkTableSchema,
  table_column_lineage: checkLineage,
} as const satisfies Readonly<Record<string, (value: unknown) => unknown>>;

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function wireValue(value: unknown): PipesMetadataValue {
  if (typeof value === 'bigint') return typed('int', value);
  if (value instanceof PipesFloat) return typed('float', value);
  if (value instanceof Date) return PipesMetadata.timestamp(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return typed('float', value);
  if (!isRecord(value) || !('type' in value || 'raw_value' in value)) return typed('__infer__', value);
  const keys = Object.keys(value);
  if (keys.length !== 2 || !('type' in value) || !('raw_value' in value)) {
    throw new DagsterPipesError(`a typed value has exactly the keys \`type\` and \`raw_value\`, this has ${keys.join(', ')}`);
  }
  return typed(knownType(value['type']), value['raw_value']);
}

function knownType(type: unknown): PipesMetadataType {
  if (typeof type === 'string' && Object.hasOwn(checks, type)) return type as PipesMetadataType; // it is a key of `checks`
  throw new DagsterPipesError(`unknown metadata type \`${String(type)}\`; known are ${Object.keys(checks).join(', ')}`);
}

function typed(type: PipesMetadataType, value: unknown): PipesMetadataValue {
  const raw = checks[type](value);
  if (raw === undefined) throw new DagsterPipesError(`${describe(value)} does not fit the metadata type \`${type}\``);
  if (raw instanceof PipesFloat && !Number.isFinite(raw.value)) return { type: 'text', raw_value: String(raw.value) };
  return { type, raw_value: raw };
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 60))}`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return `\`${String(value)}\``;
}

function inferColumns(records: readonly Readonly<Record<string, PipesTableCell>>[]): readonly PipesTableColumn[] {
  return Object.keys(records[0] ?? {}).map((name) => {
    const cell = records.map((record) => record[name]).find((value) => value !== null && value !== undefined);
    return { name, type: columnType(cell) };
  });
}

function columnType(cell: PipesTableCell | undefined): string {
  if (typeof cell === 'boolean') return 'bool';
  if (typeof cell === 'bigint') return 'int';
  if (cell instanceof PipesFloat) return 'float';
  if (typeof cell === 'number') return Number.isInteger(cell) ? 'int' : 'float';
  return 'string';
}
