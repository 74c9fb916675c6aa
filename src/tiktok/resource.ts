import type { ColumnType } from '../table.ts';

/**
 * A resource is data: one endpoint as one table. Behaviour is chosen from these closed sets, each read in one exhaustive
 * `switch` (requests in `extract/`, SQL in `extract/typing.ts`).
 */
export interface ResourceDefinition {
  readonly name: string;
  /** What one row is, one sentence. */
  readonly description: string;
  /** Path below `/open_api/v1.3/`, with its trailing slash. */
  readonly path: string;
  readonly advertisers: AdvertiserScope;
  readonly pagination: Pagination;
  /** The array of records inside `data`. */
  readonly records: string;
  /** The requests that together return everything; deduplicated by key, the earlier pass wins. */
  readonly passes: readonly Pass[];
  readonly primaryKey: readonly string[];
  /** Fields of a record and their types, in table order. A field may be absent from a record: its column is NULL. */
  readonly columns: Readonly<Record<string, FieldDefinition | ColumnType>>;
  /** Columns made from others; they follow the fields. */
  readonly derived: Readonly<Record<string, DerivedColumn>>;
  /** Only requests of these fields are needed to fill `derived` columns of kind `companion`. */
  readonly companion?: Companion;
  /** Records beyond the newest ones that a search reaches, found through the ids that another resource carries. */
  readonly reach?: Reach;
}

export interface FieldDefinition {
  readonly type: ColumnType;
  readonly description?: string;
  /** The record's field, where the column has another name. */
  readonly field?: string;
  /** How a timestamp is written: `YYYY-MM-DD HH:MM:SS` or ISO 8601 (default, both are read), or seconds since 1970. */
  readonly format?: 'unix-seconds';
}

export type AdvertiserScope =
  | { readonly kind: 'one-per-request'; readonly parameter: 'advertiser_id' }
  | { readonly kind: 'many-per-request'; readonly parameter: 'advertiser_ids'; readonly max: number };

export type Pagination = { readonly kind: 'page-number'; readonly pageSizeMax: number } | { readonly kind: 'none' };

/** One way of asking. `deleted` tells when it is made: with `include_deleted` true, false, or both. */
export interface Pass {
  readonly name: string;
  readonly query: Readonly<Record<string, JsonValue>>;
  readonly when: 'always' | 'include-deleted' | 'exclude-deleted';
  /** Where this way of asking takes smaller pages than the resource's own. */
  readonly pageSizeMax?: number;
}

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export type DerivedColumn = { readonly type: ColumnType; readonly description: string } & (
  | {
      /** The first case whose test holds gives the value; tests look at the record's own columns. */
      readonly kind: 'cases';
      readonly cases: readonly {
        readonly column: string;
        readonly test: 'equals' | 'ends-with' | 'not-null';
        readonly operand?: string;
        readonly value: string;
      }[];
      readonly otherwise: { readonly column: string } | { readonly value: string | null };
    }
  /** The first of these columns that is neither null nor zero nor empty. */
  | { readonly kind: 'first-of'; readonly columns: readonly string[] }
  /** From the companion's records: the least or greatest value among those of the same key. */
  | { readonly kind: 'companion'; readonly field: string; readonly aggregate: 'min' | 'max' }
);

/** A second endpoint read for a few of its fields. */
export interface Companion {
  readonly path: string;
  readonly records: string;
  readonly pageSizeMax: number;
  readonly fields: Readonly<Record<string, ColumnType>>;
  /** The field that both have. */
  readonly on: string;
  readonly passes: readonly Pass[];
}

export interface Reach {
  /** How many of the newest records the search returns at most. */
  readonly newest: number;
  readonly infoPath: string;
  readonly idsParameter: string;
  readonly idsMax: number;
  /** Which resource's field carries ids of this one: a text, or a list of texts. */
  readonly from: {
    readonly path: string;
    readonly records: string;
    readonly field: string;
    readonly pageSizeMax: number;
    readonly passes: readonly Pass[];
  };
}

/** Checks a resource's key and derived columns against its columns, at compile time. */
export function defineResource<const R extends ResourceDefinition>(
  resource: R & {
    readonly primaryKey: readonly (keyof R['columns'] & string)[];
  },
): R {
  return resource;
}
