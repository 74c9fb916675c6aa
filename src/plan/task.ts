import type { RowLayout } from '../extract/rows.ts';
import type { TableSchema, Window } from '../table.ts';
import type { Report } from '../tiktok/report.ts';
import type { JsonValue, ResourceDefinition } from '../tiktok/resource.ts';

/** What a table is read from. */
export type TableSource =
  | { readonly kind: 'resource'; readonly resource: ResourceDefinition }
  | { readonly kind: 'report'; readonly report: Report };

/** One table of the run, before accounts are known. */
export interface TablePlan {
  readonly schema: TableSchema;
  readonly source: TableSource;
  /** Rows of the API's answers: the main records first, then further metric groups, then the companion's. */
  readonly layouts: readonly RowLayout[];
}

/** A list of records asked for page by page. */
export interface Query {
  readonly path: string;
  readonly parameters: Readonly<Record<string, JsonValue>>;
  /** Null where the endpoint has no pages. */
  readonly pageSize: number | null;
  readonly layout: RowLayout;
  /** Order of preference among queries of one layout that may return the same record: the lower wins. */
  readonly pass: number;
  readonly wantsTotals: boolean;
  /** For messages. */
  readonly label: string;
}

/** Resource × advertiser(s) × chunk: what is read, checked and committed as one. */
export interface ExtractTask {
  readonly table: TablePlan;
  readonly advertiserIds: readonly string[];
  readonly window: Window | null;
  readonly queries: readonly Query[];
}

/** A task whose queries are made when they are asked for: ten thousand accounts in a year of windows are 130,000 tasks, begun one by one. */
export function taskOf(parts: Omit<ExtractTask, 'queries'>, queries: () => readonly Query[]): ExtractTask {
  return {
    ...parts,
    get queries() {
      return queries();
    },
  };
}
