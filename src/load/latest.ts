import type { Session } from '../destinations/destination.ts';
import { statement } from '../destinations/dialect.ts';
import type { Window } from '../table.ts';
import type { LoadScope } from './load.ts';
import { loadsTable, parseTotals } from './loads-table.ts';

/** Commits that are looked at, newest first; older ones are behind all that a table can still show. */
const commitsMax = 20_000;

/**
 * What a table holds now, by its newest commits: of windows of one account that overlap, the newest, since it replaced the others.
 * Empty if nothing was ever committed.
 */
export async function latestScopes(session: Session, table: string): Promise<readonly LoadScope[]> {
  if ((await session.columnsOf(loadsTable.name)) === null) return [];
  const { dialect } = session;
  const name = dialect.identifier;
  const columns = ['advertiser_id', 'window_start', 'window_end', 'rows', 'api_rows', 'api_totals', 'proof', 'started_at'];
  const rows = await session.query(
    statement(
      dialect,
      (bind) =>
        `SELECT ${columns.map(name).join(', ')} FROM ${session.qualified(loadsTable.name)} ` +
        `WHERE ${name('table_name')} = ${bind(table, 'text')} AND ${name('status')} = ${bind('committed', 'text')} ` +
        `ORDER BY ${name('committed_at')} DESC LIMIT ${commitsMax}`,
    ),
  );
  const kept = new Map<string, LoadScope[]>();
  for (const row of rows) {
    const advertiserId = String(row['advertiser_id']);
    const window = row['window_start'] == null ? null : { start: String(row['window_start']), end: String(row['window_end']) };
    const newer = kept.get(advertiserId) ?? [];
    kept.set(advertiserId, newer);
    if (newer.some((scope) => overlaps(scope.window, window))) continue;
    newer.push({
      advertiserId,
      window,
      rows: Number(row['rows'] ?? 0),
      apiRows: row['api_rows'] == null ? null : Number(row['api_rows']),
      apiTotals: parseTotals(row['api_totals'] ?? null),
      proof: String(row['proof'] ?? ''),
      startedAt: String(row['started_at'] ?? ''),
    });
  }
  return [...kept.values()].flat();
}

function overlaps(a: Window | null, b: Window | null): boolean {
  return a === null || b === null || (a.start <= b.end && b.start <= a.end);
}
