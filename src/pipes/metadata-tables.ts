import { DagsterPipesError } from './errors.ts';
import { isRecord, PipesFloat } from './json.ts';

/** One cell of a table: Dagster takes no nested values. */
export type PipesTableCell = string | number | bigint | boolean | PipesFloat | null;

/** One column that another is made from. Dagster takes a text for a key of one part, whatever is in it: a key of several is a list. */
export interface PipesColumnDependency {
  readonly asset_key: string | readonly string[];
  readonly column_name: string;
}

/** One column of a table schema, as Dagster's UI shows it. */
export interface PipesTableColumn {
  readonly name: string;
  readonly type: string;
  readonly description?: string | null;
  readonly tags?: Readonly<Record<string, string>> | null;
  readonly constraints?: PipesColumnConstraints | null;
}

export interface PipesColumnConstraints {
  readonly nullable?: boolean;
  readonly unique?: boolean;
  readonly other?: readonly string[];
}

/** Table metadata: records with equal columns and plain cells, and the columns. Undefined if it is not even an object. */
export function checkTable(value: unknown): unknown {
  if (!isRecord(value)) return undefined;
  const records = list(value['records'], 'records').map(record);
  const first = records[0] === undefined ? [] : Object.keys(records[0]).sort();
  for (const [index, each] of records.entries()) {
    const names = Object.keys(each).sort();
    if (names.length !== first.length || names.some((name, position) => name !== first[position])) {
      throw new DagsterPipesError(`record ${index} has the columns ${names.join(', ')}, the first has ${first.join(', ')}`);
    }
  }
  return { records, schema: columns(value['schema'], 'schema') };
}

/** Schema metadata. Undefined if it is not even an object. */
export function checkTableSchema(value: unknown): unknown {
  return isRecord(value) ? { columns: columns(value['columns'], 'columns') } : undefined;
}

/** Column lineage metadata. Undefined if it is not even an object. */
export function checkLineage(value: unknown): unknown {
  if (!isRecord(value)) return undefined;
  const depsByColumn = value['deps_by_column'];
  if (!isRecord(depsByColumn)) throw new DagsterPipesError('`deps_by_column` must map columns to lists');
  const checked = Object.entries(depsByColumn).map(([column, deps]) => [column, list(deps, column).map(dependency)] as const);
  return { deps_by_column: Object.fromEntries(checked) };
}

function record(value: unknown, index: number): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new DagsterPipesError(`record ${index} is not a mapping of columns to values`);
  for (const [name, cell] of Object.entries(value)) {
    const plain = cell === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof cell) || cell instanceof PipesFloat;
    if (!plain) throw new DagsterPipesError(`record ${index}, column ${name}: a cell is a text, number, boolean or null`);
  }
  return value;
}

function columns(value: unknown, field: string): readonly PipesTableColumn[] {
  return list(value, field).map((entry, index) => {
    if (!isRecord(entry)) throw new DagsterPipesError(`${field}[${index}] is not a column`);
    const { name, type, description, tags, constraints } = entry;
    if (typeof name !== 'string' || typeof type !== 'string') {
      throw new DagsterPipesError(`${field}[${index}] needs \`name\` and \`type\` as texts`);
    }
    if (!absent(description) && typeof description !== 'string') {
      throw new DagsterPipesError(`the description of column ${name} is not a text`);
    }
    if (!absent(tags) && !(isRecord(tags) && Object.values(tags).every((tag) => typeof tag === 'string'))) {
      throw new DagsterPipesError(`the tags of column ${name} must map texts to texts`);
    }
    if (!absent(constraints)) checkConstraints(constraints, name);
    return entry as unknown as PipesTableColumn; // every field has just been checked
  });
}

function checkConstraints(constraints: unknown, column: string): void {
  if (!isRecord(constraints)) throw new DagsterPipesError(`the constraints of column ${column} are not an object`);
  for (const [name, value] of Object.entries(constraints)) {
    const fits =
      name === 'other'
        ? Array.isArray(value) && value.every((entry) => typeof entry === 'string')
        : (name === 'nullable' || name === 'unique') && typeof value === 'boolean';
    if (!fits) throw new DagsterPipesError(`the constraint ${name} of column ${column} is not one Dagster knows`);
  }
}

function dependency(value: unknown): unknown {
  const fits =
    isRecord(value) && Object.keys(value).length === 2 && isKey(value['asset_key']) && typeof value['column_name'] === 'string';
  if (!fits) {
    throw new DagsterPipesError('a dependency has exactly `asset_key`, a text or a list of texts, and `column_name`, a text');
  }
  return value;
}

function isKey(value: unknown): boolean {
  return (
    typeof value === 'string' || (Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string'))
  );
}

function list(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new DagsterPipesError(`\`${field}\` must be a list`);
  return value;
}

function absent(value: unknown): boolean {
  return value === undefined || value === null;
}
