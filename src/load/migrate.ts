import type { Session, Statement, StoredColumn } from '../destinations/destination.ts';
import { type Dialect, setAsideName, storedAlike } from '../destinations/dialect.ts';
import { DestinationError } from '../errors.ts';
import type { Column, ColumnType, TableSchema } from '../table.ts';

export interface Migration {
  /** The table as it now is: its columns have the types that the warehouse holds. */
  readonly table: TableSchema;
  readonly addedColumns: readonly string[];
  readonly widenedColumns: readonly string[];
}

/** Creates the table, or adds what it lacks and widens what is too narrow. Never drops or narrows a column. */
export async function migrate(
  session: Session,
  table: TableSchema,
  existing: readonly StoredColumn[] | null,
): Promise<Migration> {
  const { dialect } = session;
  const target = session.qualified(table.name);
  if (existing === null) {
    await session.execute(dialect.createTable(target, table));
    return { table, addedColumns: [], widenedColumns: [] };
  }
  const plan = planMigration(dialect, table, existing);
  for (const change of plan.changes) await refuseLoss(session, table.name, change);
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
  /** The type there is, as the warehouse spells it. */
  readonly nativeType: string;
  /** An earlier change of this column ended halfway. */
  readonly cutShort: boolean;
}

interface MigrationPlan {
  readonly columns: readonly Column[];
  readonly added: readonly Column[];
  readonly changes: readonly TypeChange[];
}

/** What would have to change for the table to hold these columns. */
export function planMigration(dialect: Dialect, table: TableSchema, existing: readonly StoredColumn[]): MigrationPlan {
  const found = new Map(existing.map((column) => [dialect.nameKey(column.name), column]));
  const decided = table.columns.map((column) => {
    const there = found.get(dialect.nameKey(column.name));
    const aside = found.get(dialect.nameKey(setAsideName(column.name)));
    if (dialect.finishTypeChange !== null && aside !== undefined) {
      const type = there?.type ?? (aside.type === null ? column.type : commonType(dialect, aside.type, column.type));
      const agreed = { ...column, type };
      return {
        column: agreed,
        added: false,
        change: { column: agreed, from: aside.type, nativeType: aside.nativeType, cutShort: true },
      };
    }
    if (there === undefined) return { column, added: true, change: null };
    const type =
      there.type === null ? typeInPlaceOf(there.nativeType, column.type) : commonType(dialect, there.type, column.type);
    const same = there.type !== null && storedAlike(dialect, there.type, type);
    const agreed = { ...column, type };
    const change = { column: agreed, from: there.type, nativeType: there.nativeType, cutShort: false };
    return { column: agreed, added: false, change: same ? null : change };
  });
  return {
    columns: decided.map(({ column }) => column),
    added: decided.filter(({ added }) => added).map(({ column }) => column),
    changes: decided.flatMap(({ change }) => (change === null ? [] : [change])),
  };
}

/** What a column becomes whose type is none of ours: a text of some length may hold any words, so it stays a text. */
function typeInPlaceOf(nativeType: string, wanted: ColumnType): ColumnType {
  return /char|text|string/i.test(nativeType) && wanted !== 'id' ? 'text' : wanted;
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

async function changeType(session: Session, table: string, change: TypeChange): Promise<void> {
  const { dialect } = session;
  const statements = (change.cutShort && dialect.finishTypeChange) || dialect.changeType;
  await orRefused(session, table, change, () =>
    session.execute(statements(session.qualified(table), change.column, change.from)),
  );
}

/** Of a type that is none of ours nobody knows what it holds. Asked before anything is changed, since not every warehouse could undo it. */
async function refuseLoss(session: Session, table: string, change: TypeChange): Promise<void> {
  if (change.from !== null || change.cutShort) return;
  const counting = countLost(session.dialect, session.qualified(table), change);
  const [row] = await orRefused(session, table, change, () => session.query(counting));
  const lost = Number(row?.['lost'] ?? 0);
  if (lost > 0) throw refusal(session, table, change, `${lost} of its values would not be the same afterwards`);
}

async function orRefused<T>(session: Session, table: string, change: TypeChange, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DestinationError) || error.retryable) throw error;
    throw refusal(session, table, change, error.message, error);
  }
}

function refusal(
  session: Session,
  table: string,
  { column, nativeType }: TypeChange,
  why: string,
  cause?: unknown,
): DestinationError {
  const { dialect } = session;
  const [target, name] = [session.qualified(table), dialect.identifier(column.name)];
  const type = dialect.types[column.type];
  const setAside = `ALTER TABLE ${target} RENAME COLUMN ${name} TO ${dialect.identifier(`${column.name}_by_hand`)}`;
  return new DestinationError(
    `The column ${session.displayName(table)}.${column.name} is ${nativeType}, should be ${type}, and could not be changed to it: ${why}`,
    {
      code: 'column_type',
      hint: `Change the column to ${type} by hand, or set it aside and let the next load add it anew: \`${setAside}\`.`,
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

/** Values that would come back as others, or not at all, if they were cast to the new type and back. */
export function countLost(
  dialect: Dialect,
  target: string,
  { column, nativeType }: Pick<TypeChange, 'column' | 'nativeType'>,
): Statement {
  const name = dialect.identifier(column.name);
  const there = dialect.cast(name, null, column.type);
  return {
    sql: `SELECT COUNT(*) AS lost FROM ${target} WHERE ${name} IS NOT NULL AND (${there} IS NULL OR CAST(${there} AS ${nativeType}) <> ${name})`,
  };
}
