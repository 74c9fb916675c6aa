import type { Session } from '../destinations/destination.ts';
import type { Bind } from '../destinations/dialect.ts';
import { DestinationError } from '../errors.ts';
import type { ColumnType, TableSchema } from '../table.ts';
import { dayAfter } from './sql-time.ts';
import { presentColumns } from './views.ts';

/** An account and a half-open range of times `YYYY-MM-DDTHH:MM:SS`, of the account's own clock; null is no limit. */
export interface Span {
  readonly account: string | null;
  readonly start: string | null;
  readonly end: string | null;
}

export interface Unloaded {
  readonly rows: number;
  /** In the file's order, which is the order that users see in the view named like the asset. */
  readonly columns: readonly string[];
}

/**
 * Writes a table's rows of these spans (null: all) into a Parquet file. A table without times is a snapshot: times do not limit it. One
 * of days holds an hour's rows on the hour's day. Throws DestinationError if there is no table.
 */
export async function unloadTable(
  session: Session,
  table: TableSchema,
  { spans, file }: { readonly spans: readonly Span[] | null; readonly file: string },
): Promise<Unloaded> {
  const [existing, names] = [
    await session.columnsOf(table.name),
    await presentColumns(
      session,
      table.name,
      table.columns.map((column) => column.name),
    ),
  ];
  if (existing === null || names === null)
    throw new DestinationError(`There is no table ${session.displayName(table.name)}.`, {
      code: 'no_table',
      hint: 'Materialize the asset first. If it was, compare `dataset_name` and the destination of both places.',
    });
  const { nameKey } = session.dialect;
  const types = new Map(existing.map((column) => [nameKey(column.name), column.type]));
  const columns = names.map((name) => ({ name, type: types.get(nameKey(name)) ?? null }));
  const timed = columns.find(({ name }) => table.windowColumn !== null && nameKey(name) === nameKey(table.windowColumn));
  const rows = await session.unload({
    table: table.name,
    columns,
    where: (bind) => (spans === null ? null : spansCondition(session, timed ?? null, spans, bind)),
    file,
  });
  return { rows, columns: names };
}

function spansCondition(
  { dialect }: Pick<Session, 'dialect'>,
  timed: { readonly name: string; readonly type: ColumnType | null } | null,
  spans: readonly Span[],
  bind: Bind,
): string {
  const one = ({ account, start, end }: Span): string => {
    const conditions = account === null ? [] : [`${dialect.identifier('advertiser_id')} = ${bind(account, 'id')}`];
    if (timed !== null && start !== null && end !== null) {
      const byDay = timed.type === 'date';
      const [first, after] = byDay ? [start.slice(0, 10), dayOfEnd(end)] : [start.replace('T', ' '), end.replace('T', ' ')];
      const [column, type] = [dialect.identifier(timed.name), timed.type ?? 'local_timestamp'];
      conditions.push(`${column} >= ${bind(first, type)}`, `${column} < ${bind(after, type)}`);
    }
    return conditions.length === 0 ? '1 = 1' : `(${conditions.join(' AND ')})`;
  };
  return spans.length === 0 ? '1 = 0' : spans.map(one).join(' OR ');
}

/** The first day that lies behind a time wholly. */
function dayOfEnd(end: string): string {
  const day = end.slice(0, 10);
  return end.slice(11).replace(/[:0.]/g, '') === '' ? day : dayAfter(day);
}
