import type { Session } from '../destinations/destination.ts';
import { statement } from '../destinations/dialect.ts';
import { joined } from '../plan/window.ts';
import type { Window } from '../table.ts';
import { distinctValues } from './inspect.ts';
import type { LoadScope } from './load.ts';
import { loadsTable, parseTotals } from './loads-table.ts';

/** Commits that are looked at, newest first; older ones are behind all that a table can still show. */
const commitsMax = 20_000;
/** The dates of a commit without a window: it replaced all of its account. */
const always: Window = { start: '0001-01-01', end: '9999-12-30' };

/**
 * What a table holds now, by its commits: each one whose days were not all replaced by newer commits of its account. Empty if nothing was
 * ever committed. `wholeTables`: a commit may have replaced those of other accounts and dates too, whose rows are then gone.
 */
export async function latestScopes(
  session: Session,
  table: string,
  { wholeTables }: { readonly wholeTables: boolean },
): Promise<readonly LoadScope[]> {
  if ((await session.columnsOf(loadsTable.name)) === null) return [];
  const { dialect } = session;
  const name = dialect.identifier;
  const columns = [
    'load_id',
    'advertiser_id',
    'window_start',
    'window_end',
    'rows',
    'api_rows',
    'api_totals',
    'proof',
    'started_at',
  ];
  const rows = await session.query(
    statement(
      dialect,
      (bind) =>
        `SELECT ${columns.map(name).join(', ')} FROM ${session.qualified(loadsTable.name)} ` +
        `WHERE ${name('table_name')} = ${bind(table, 'text')} AND ${name('status')} = ${bind('committed', 'text')} ` +
        `ORDER BY ${name('committed_at')} DESC LIMIT ${commitsMax}`,
    ),
  );
  const present = wholeTables
    ? new Set((await distinctValues(session, table, ['_load_id'])).map((row) => row['_load_id']))
    : null;
  const kept: LoadScope[] = [];
  const covered = new Map<string, readonly Window[]>();
  for (const row of rows) {
    if (present !== null && Number(row['rows'] ?? 0) > 0 && !present.has(row['load_id'] ?? null)) continue;
    const advertiserId = String(row['advertiser_id']);
    const window = row['window_start'] == null ? null : { start: String(row['window_start']), end: String(row['window_end']) };
    const days = window ?? always;
    const newer = covered.get(advertiserId) ?? [];
    if (newer.some((one) => one.start <= days.start && days.end <= one.end)) continue;
    covered.set(advertiserId, joined([...newer, days]));
    kept.push({
      advertiserId,
      window,
      rows: Number(row['rows'] ?? 0),
      apiRows: row['api_rows'] == null ? null : Number(row['api_rows']),
      apiTotals: parseTotals(row['api_totals'] ?? null),
      proof: String(row['proof'] ?? ''),
      startedAt: String(row['started_at'] ?? ''),
      replacedInPart: newer.some((one) => one.start <= days.end && days.start <= one.end),
    });
  }
  return kept;
}
