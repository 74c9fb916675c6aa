import type { Session } from '../destinations/destination.ts';
import type { Dialect } from '../destinations/dialect.ts';

/** A report table and how its columns are grouped. A name that the table does not have is left out. */
export interface ReportView {
  readonly table: string;
  /** All columns in the order that users see. */
  readonly columns: readonly string[];
  /** Those that go into the struct `dimensions`. */
  readonly dimensions: readonly string[];
  /** Those that go into the struct `metrics`. */
  readonly metrics: readonly string[];
}

export interface ViewRequest {
  readonly reports: readonly ReportView[];
  /** A view of one of these tables under the asset's own name, in the order of its columns; left out where a table has that name. */
  readonly assetView: { readonly name: string; readonly table: string; readonly columns: readonly string[] } | null;
}

/** Makes `<table>_nested` for each report table and the view named like the asset. Returns the names of the views that exist now. */
export async function ensureViews(session: Session, { reports, assetView }: ViewRequest): Promise<readonly string[]> {
  const made: string[] = [];
  for (const report of reports) {
    const existing = await presentColumns(session, report.table, report.columns);
    if (existing === null) continue;
    const select = nestedSelect(session.dialect, session.qualifiedInView(report.table), { ...report, columns: existing });
    if (await makeView(session, nestedName(report.table), select)) made.push(nestedName(report.table));
  }
  if (assetView !== null) {
    const existing = await presentColumns(session, assetView.table, assetView.columns);
    const select = existing === null ? null : flatSelect(session.dialect, session.qualifiedInView(assetView.table), existing);
    if (select !== null && (await makeView(session, assetView.name, select))) made.push(assetView.name);
  }
  return made;
}

function nestedName(reportTable: string): string {
  return `${reportTable}_nested`;
}

/** Whether a view that `ensureViews` makes could have this name: the asset's own, or that of a report's nested view. */
export function isViewName(name: string, assetViewName: string): boolean {
  return name.toLowerCase() === assetViewName.toLowerCase() || name.endsWith(nestedName(''));
}

async function makeView(session: Session, name: string, select: string): Promise<boolean> {
  if ((await session.kindOf(name)) === 'table') return false;
  const create = session.dialect.createView(session.qualified(name), select);
  try {
    await session.execute(create);
  } catch {
    // Another run may just have made a table of this name.
    if ((await session.kindOf(name)) === 'table') return false;
    // Some warehouses cannot replace a view by one with other columns. What else was wrong fails again and is told.
    await session.transaction([session.dialect.dropView(session.qualified(name)), ...create]);
  }
  return true;
}

/** The columns of a table in the order that users see: those wanted that it has, and around them those it has besides; null if there is no table. */
export async function presentColumns(
  session: Session,
  table: string,
  wanted: readonly string[],
): Promise<readonly string[] | null> {
  const existing = await session.columnsOf(table);
  if (existing === null) return null;
  const there = new Set(existing.map((column) => session.dialect.nameKey(column.name)));
  const known = new Set(wanted.map(session.dialect.nameKey));
  const others = existing.filter((column) => !known.has(session.dialect.nameKey(column.name))).map((column) => column.name);
  const own = others.filter((name) => !name.startsWith('_'));
  const loaded = others.filter((name) => name.startsWith('_'));
  // What the source does not name stands before it, so that the columns that downstream tools look for stay last.
  return [...own, ...wanted.filter((name) => there.has(session.dialect.nameKey(name))), ...loaded];
}

export function flatSelect(dialect: Dialect, source: string, columns: readonly string[]): string {
  return `SELECT ${columns.map(dialect.identifier).join(', ')} FROM ${source}`;
}

export function nestedSelect(dialect: Dialect, source: string, { columns, dimensions, metrics }: ReportView): string {
  const fields = (names: readonly string[]): string =>
    dialect.object(
      names.filter((name) => columns.includes(name)).map((name) => ({ name, expression: dialect.identifier(name) })),
    );
  const grouped = new Set([...dimensions, ...metrics]);
  const plain = columns.filter((name) => !grouped.has(name) || name === 'advertiser_id').map(dialect.identifier);
  const structs = [
    `${fields(dimensions)} AS ${dialect.identifier('dimensions')}`,
    `${fields(metrics)} AS ${dialect.identifier('metrics')}`,
  ];
  return `SELECT ${[...plain, ...structs].join(', ')} FROM ${source}`;
}
