import { formatDecimal, parseDecimal } from './decimal.ts';
import type { Session } from './destinations/destination.ts';
import { countRows, previewRows, type ScopeFigures, scopeFigures } from './load/inspect.ts';
import type { TableResult } from './pipeline.ts';
import { PipesMetadata } from './pipes/metadata.ts';
import type { Account } from './plan/account.ts';
import type { PartitionWindow } from './plan/plan.ts';
import { previewMarkdown } from './preview.ts';
import type { Column } from './table.ts';
import type { ClientStats } from './tiktok/client.ts';

export interface ReportInput {
  readonly session: Session;
  /** The tables of the asset; the first is its main one. */
  readonly results: readonly TableResult[];
  readonly accounts: readonly Account[];
  readonly partitions: readonly PartitionWindow[] | null;
  readonly resourcesRequested: readonly string[];
  readonly destination: string;
  readonly datasetName: string;
  readonly loadId: string;
  readonly stats: ClientStats;
  readonly callCounts: Readonly<Record<string, number>>;
  readonly durationMs: number;
  /** Rows of the preview, or null for none. */
  readonly previewRows: number | null;
  /** What a user should know, e.g. why there are no rows. */
  readonly notes: readonly string[];
}

export interface AssetReport {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly partitions: readonly { readonly key: string; readonly metadata: Readonly<Record<string, unknown>> }[];
}

/** The columns that stand last in a report table. */
const mainFigures: ReadonlySet<string> = new Set(['impressions', 'clicks', 'conversions', 'spend']);

interface PartitionReport {
  readonly key: string;
  readonly rows: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The metadata of one asset's materialization, and of each partition where the run had several (design §7). Numbers are numbers, so that the UI plots them. */
export async function reportAsset(input: ReportInput): Promise<AssetReport> {
  const { session, results, accounts } = input;
  const main = results[0];
  if (!main) return { metadata: {}, partitions: [] };
  const table = main.table.schema;
  const figures = await figuresOf(session, main);
  const rowsNow = await countRows(session, table.name);
  const spend = spendByCurrency(figures, accounts);
  const rowsLoaded = results.reduce((sum, result) => sum + rowsOf(result), 0);
  const dates = datesOf(results);
  const preview =
    input.previewRows === null ? [] : await previewRows(session, table.name, { limit: input.previewRows, loadId: input.loadId });
  const columns = table.columns;
  const partitions = await partitionReports(session, main, input);
  const metadata: Record<string, unknown> = {
    'dagster/row_count': PipesMetadata.int(rowsNow),
    ...(input.partitions
      ? { 'dagster/partition_row_count': PipesMetadata.int(partitions.reduce((sum, one) => sum + one.rows, 0)) }
      : {}),
    'dagster/column_schema': PipesMetadata.tableSchema(
      columns.map((column) => ({
        name: column.name,
        type: session.dialect.types[column.type],
        ...(column.description ? { description: column.description } : {}),
        constraints: {
          nullable: !table.primaryKey.includes(column.name),
          unique: false,
          other: table.primaryKey.includes(column.name) ? ['primary key'] : [],
        },
      })),
    ),
    'dagster/table_name': PipesMetadata.text(session.displayName(table.name)),
    'dagster/storage_kind': PipesMetadata.text(input.destination),
    'dagster/uri': PipesMetadata.text(session.uri(table.name)),
    row_count: PipesMetadata.int(rowsLoaded),
    column_count: PipesMetadata.int(columns.length),
    ...Object.fromEntries(results.map((result) => [`rows_${result.table.schema.name}`, PipesMetadata.int(rowsOf(result))])),
    resources_requested: PipesMetadata.json([...input.resourcesRequested]),
    resources_loaded: PipesMetadata.json(results.map((result) => result.table.schema.name)),
    advertiser_ids: PipesMetadata.json(accounts.map((account) => account.id)),
    start_date: dates ? PipesMetadata.text(dates.start) : PipesMetadata.null(),
    end_date: dates ? PipesMetadata.text(dates.end) : PipesMetadata.null(),
    destination: PipesMetadata.text(input.destination),
    dataset_name: PipesMetadata.text(input.datasetName),
    // Each partition has its own spend. The run's would stay beside it where a partition has no row of a currency.
    ...(input.partitions ? {} : spendMetadata(spend)),
    api_calls: PipesMetadata.int(input.stats.calls),
    api_calls_planned: PipesMetadata.int(input.callCounts['planned'] ?? 0),
    api_calls_by_reason: PipesMetadata.json(input.callCounts),
    api_retries: PipesMetadata.int(Object.values(input.stats.retries).reduce((sum, count) => sum + count, 0)),
    api_throttled_seconds: PipesMetadata.float(input.stats.throttledMs / 1_000),
    bytes_downloaded: PipesMetadata.int(input.stats.bytesDownloaded),
    load_id: PipesMetadata.text(input.loadId),
    duration_seconds: PipesMetadata.float(input.durationMs / 1_000),
    ...(input.notes.length > 0 ? { notes: PipesMetadata.md(input.notes.map((note) => `- ${note}`).join('\n')) } : {}),
    ...(input.previewRows === null ? {} : { preview: PipesMetadata.md(previewMarkdown(preview, inPreview(columns))) }),
  };
  return { metadata, partitions };
}

/** What a person looks for first: of what, how much, and then all the rest; our own columns say the same in each row. */
function inPreview(columns: readonly Column[]): readonly Column[] {
  const firstMetric = columns.findIndex((column) => column.name === '_loaded_at') + 1;
  const shown = columns.filter((column) => !column.name.startsWith('_'));
  const rank = (column: Column): number => {
    if (columns.indexOf(column) < firstMetric) return 0;
    return mainFigures.has(column.name) ? 1 : 2;
  };
  return shown.toSorted((left, right) => rank(left) - rank(right));
}

/** Rows that this run put into a table, or found committed by an earlier attempt. */
function rowsOf(result: TableResult): number {
  return result.scopes.reduce((sum, scope) => sum + scope.rows, 0);
}

function figuresOf(session: Session, result: TableResult): Promise<readonly ScopeFigures[]> {
  const metrics = ['spend', 'impressions', 'clicks'].filter((name) =>
    result.table.schema.columns.some((column) => column.name === name),
  );
  return scopeFigures(session, result.table.schema, result.scopes, metrics);
}

/** Exact sums of what the run's scopes hold now, by the accounts' currencies. */
export function spendByCurrency(figures: readonly ScopeFigures[], accounts: readonly Account[]): ReadonlyMap<string, string> {
  const currencies = new Map(accounts.map((account) => [account.id, account.currency ?? 'unknown']));
  const sums = new Map<string, bigint>();
  for (const one of figures) {
    if (one.sums['spend'] === undefined) continue;
    const currency = currencies.get(one.advertiserId) ?? 'unknown';
    sums.set(currency, (sums.get(currency) ?? 0n) + parseDecimal(one.sums['spend']));
  }
  return new Map([...sums].map(([currency, sum]) => [currency, formatDecimal(sum)]));
}

/** One number where there is one currency, so that it can be plotted; amounts of different currencies are never added. */
function spendMetadata(spend: ReadonlyMap<string, string>): Readonly<Record<string, unknown>> {
  if (spend.size === 0) return {};
  const each = Object.fromEntries(
    [...spend].map(([currency, sum]) => [`spend_total_${currency}`, PipesMetadata.float(Number(sum))]),
  );
  const [only] = [...spend.values()];
  return {
    spend_total: spend.size === 1 ? PipesMetadata.float(Number(only)) : PipesMetadata.json(Object.fromEntries(spend)),
    ...each,
  };
}

function datesOf(results: readonly TableResult[]): { readonly start: string; readonly end: string } | null {
  const windows = results.flatMap((result) => result.scopes.flatMap((scope) => (scope.window ? [scope.window] : [])));
  if (windows.length === 0) return null;
  return {
    start: windows.map((one) => one.start).toSorted()[0] ?? '',
    end:
      windows
        .map((one) => one.end)
        .toSorted()
        .at(-1) ?? '',
  };
}

async function partitionReports(session: Session, main: TableResult, input: ReportInput): Promise<readonly PartitionReport[]> {
  if (!input.partitions) return [];
  const metrics = ['spend'].filter((name) => main.table.schema.columns.some((column) => column.name === name));
  const scopes = input.partitions.flatMap((partition) =>
    input.accounts
      .filter((account) => partition.advertiserId === null || partition.advertiserId === account.id)
      .map((account) => ({
        partition,
        scope: {
          advertiserId: account.id,
          window: main.table.schema.windowColumn ? partition.window : null,
          hours: partition.hours ?? null,
        },
      })),
  );
  const figures = await scopeFigures(
    session,
    main.table.schema,
    scopes.map((one) => one.scope),
    metrics,
  );
  return input.partitions.map((partition) => {
    const mine = figures.filter((_, index) => scopes[index]?.partition === partition);
    const rows = mine.reduce((sum, one) => sum + one.rows, 0);
    return {
      key: partition.key,
      rows,
      metadata: {
        'dagster/partition_row_count': PipesMetadata.int(rows),
        row_count: PipesMetadata.int(rows),
        [`rows_${main.table.schema.name}`]: PipesMetadata.int(rows),
        ...(partition.window
          ? { start_date: PipesMetadata.text(partition.window.start), end_date: PipesMetadata.text(partition.window.end) }
          : {}),
        ...(partition.advertiserId === null ? {} : { advertiser_ids: PipesMetadata.json([partition.advertiserId]) }),
        ...spendMetadata(spendByCurrency(mine, input.accounts)),
      },
    };
  });
}
