import type { Session } from '../destinations/destination.ts';
import { type Dialect, setAsideName, storedAlike } from '../destinations/dialect.ts';
import { DestinationError } from '../errors.ts';
import type { Column, ColumnType, TableSchema } from '../table.ts';

export interface Migration {
  /** The table as it now is: its columns have the types that the warehouse holds. */
  readonly table: TableSchema;
  readonly addedColumns: readonly string[];
  readonly widenedColumns: readonly string[];
}

interface ExistingColumn {
  readonly name: string;
  readonly type: ColumnType | null;
}

/** Creates the table, or adds what it lacks and widens what is too narrow. Never drops or narrows a column. */
export async function migrate(
  session: Session,
  table: TableSchema,
  existing: readonly ExistingColumn[] | null,
): Promise<Migration> {
  const { dialect } = session;
  const target = session.qualified(table.name);
  if (existing === null) {
    await session.execute(dialect.createTable(target, table));
    return { table, addedColumns: [], widenedColumns: [] };
  }
  const plan = planMigration(dialect, table, existing);
  if (plan.added.length > 0) await session.execute(dialect.addColumns(target, plan.added));
  if (plan.changes.length > 0) await session.releaseViews(table.name);
  for (const change of plan.changes) await changeType(session, table.name, change);
  return {
    table: { ...table, columns: plan.columns },
    addedColumns: plan.added.map((column) => column.name),
    widenedColumns: plan.changes.map((change) => change.column.name),
  };
}

interface TypeChange {
  readonly column: Column;
  readonly from: ColumnType | null;
  /** An earlier change of this column ended halfway. */
  readonly cutShort: boolean;
}

interface MigrationPlan {
  readonly columns: readonly Column[];
  readonly added: readonly Column[];
  readonly changes: readonly TypeChange[];
}

/** What would have to change for the table to hold these columns. */
export function planMigration(dialect: Dialect, table: TableSchema, existing: readonly ExistingColumn[]): MigrationPlan {
  const found = new Map(existing.map((column) => [dialect.nameKey(column.name), column]));
  const decided = table.columns.map((column) => {
    const there = found.get(dialect.nameKey(column.name));
    const aside = found.get(dialect.nameKey(setAsideName(column.name)));
    if (dialect.finishTypeChange !== null && aside !== undefined) {
      const type = there?.type ?? (aside.type === null ? column.type : commonType(dialect, aside.type, column.type));
      const agreed = { ...column, type };
      return { column: agreed, added: false, change: { column: agreed, from: aside.type, cutShort: true } };
    }
    if (there === undefined) return { column, added: true, change: null };
    const type = there.type === null ? column.type : commonType(dialect, there.type, column.type);
    const same = there.type !== null && storedAlike(dialect, there.type, type);
    const agreed = { ...column, type };
    return { column: agreed, added: false, change: same ? null : { column: agreed, from: there.type, cutShort: false } };
  });
  return {
    columns: decided.map(({ column }) => column),
    added: decided.filter(({ added }) => added).map(({ column }) => column),
    changes: decided.flatMap(({ change }) => (change === null ? [] : [change])),
  };
}

/** The types that hold every value of a type without loss, narrowest first. */
const holders: Readonly<Record<ColumnType, readonly ColumnType[]>> = {
  id: ['text'],
  text: ['text'],
  count: ['wide_decimal', 'text'],
  decimal: ['wide_decimal', 'text'],
  wide_decimal: ['text'],
  boolean: ['text'],
  date: ['timestamp', 'local_timestamp', 'text'],
  timestamp: ['text'],
  local_timestamp: ['text'],
  json: ['text'],
};

/** The narrowest type that loses no value of either; the table's own one where that is enough. */
export function commonType(dialect: Dialect, existing: ColumnType, wanted: ColumnType): ColumnType {
  if (storedAlike(dialect, existing, wanted)) return existing;
  const fromExisting = [existing, ...holders[existing]];
  const fromWanted = [wanted, ...holders[wanted]];
  return fromExisting.find((type) => fromWanted.some((other) => storedAlike(dialect, type, other))) ?? 'text';
}

async function changeType(session: Session, table: string, { column, from, cutShort }: TypeChange): Promise<void> {
  const { dialect } = session;
  const change = (cutShort && dialect.finishTypeChange) || dialect.changeType;
  try {
    await session.execute(change(session.qualified(table), column, from));
  } catch (cause) {
    const type = dialect.types[column.type];
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DestinationError(
      `The column ${session.displayName(table)}.${column.name} should be ${type} and could not be changed to it: ${why}`,
      {
        code: 'column_type',
        hint: `Change the column to ${type} by hand, or rename it: the next load then adds it anew.`,
        cause,
      },
    );
  }
}
