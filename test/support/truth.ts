import type { Simulator } from '../../src/simulator/index.ts';
import type { TruthRequest } from '../../src/simulator/truth.ts';
import { queryWarehouse } from './warehouse.ts';

/** Figures of one account in a report table, or in the simulated world. Money is decimal text. */
export interface Figures {
  readonly rows: number;
  readonly spend: string;
  readonly impressions: string;
  readonly clicks: string;
  readonly conversion: string;
}

/** What is to be compared: one report table, of accounts in a window. */
export interface ReportAsked {
  readonly table: string;
  readonly dataLevel: NonNullable<TruthRequest['dataLevel']>;
  readonly granularity: 'day' | 'hour' | 'none';
  readonly breakdowns: readonly string[];
  readonly includeDeleted: boolean;
  readonly start: string;
  readonly end: string;
}

const levelIds = {
  AUCTION_ADVERTISER: 'advertiser_id',
  AUCTION_CAMPAIGN: 'campaign_id',
  AUCTION_ADGROUP: 'adgroup_id',
  AUCTION_AD: 'ad_id',
} as const;

/** Figures and keys by account, from the table. */
export async function loadedFigures(path: string, schema: string, asked: ReportAsked): Promise<Compared> {
  const time = { day: 'stat_time_day', hour: 'stat_time_hour', none: null }[asked.granularity];
  const keys = [
    `${levelIds[asked.dataLevel]}`,
    ...(time ? [`strftime(${time}, '${asked.granularity === 'day' ? '%Y-%m-%d' : '%Y-%m-%d %H:%M:%S'}')`] : []),
    ...asked.breakdowns,
  ];
  const sums = ['spend', 'impressions', 'clicks', 'conversion'].map((name) => `sum(${name})::DECIMAL(38,6)::VARCHAR AS ${name}`);
  const rows = await queryWarehouse(
    path,
    `SELECT advertiser_id, count(*)::INTEGER AS rows, ${sums.join(', ')}, list(concat_ws('|', ${keys.join(', ')})) AS keys
     FROM ${schema}.${asked.table} GROUP BY 1`,
  );
  return new Map(
    rows.map((row) => [
      String(row['advertiser_id']),
      {
        rows: Number(row['rows']),
        spend: plain(row['spend']),
        impressions: plain(row['impressions']),
        clicks: plain(row['clicks']),
        conversion: plain(row['conversion']),
        // A list of texts, as the query makes it.
        keys: [...(row['keys'] as readonly string[])].sort(),
      },
    ]),
  );
}

export type Compared = ReadonlyMap<string, Figures & { readonly keys: readonly string[] }>;

/** The same from the simulated world; accounts without a row are left out, as a table has none of them. */
export function trueFigures(simulator: Simulator, asked: ReportAsked, advertiserIds: readonly string[]): Compared {
  return new Map(
    advertiserIds.flatMap((advertiserId) => {
      const { start, end, dataLevel, granularity, includeDeleted } = asked;
      const request = { advertiserId, start, end, dataLevel, granularity, includeDeleted, breakdowns: [...asked.breakdowns] };
      const totals = simulator.truth.totals(request);
      if (totals.rows === 0) return [];
      return [
        [
          advertiserId,
          {
            rows: totals.rows,
            spend: plain(totals.spend),
            impressions: String(totals.impressions),
            clicks: String(totals.clicks),
            conversion: String(totals.conversion),
            keys: simulator.truth.keys(request),
          },
        ] as const,
      ];
    }),
  );
}

/** Ids of an entity table by account, sorted. */
export async function loadedEntities(
  path: string,
  schema: string,
  table: EntityTable,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await queryWarehouse(
    path,
    `SELECT advertiser_id, list(${entityIds[table]} ORDER BY ${entityIds[table]}) AS ids FROM ${schema}.${table} WHERE _deleted_at IS NULL GROUP BY 1`,
  );
  // A list of texts, as the query makes it.
  return new Map(rows.map((row) => [String(row['advertiser_id']), row['ids'] as readonly string[]]));
}

export type EntityTable = 'campaigns' | 'ad_groups' | 'ads' | 'videos' | 'images';

const entityIds: Readonly<Record<EntityTable, string>> = {
  campaigns: 'campaign_id',
  ad_groups: 'adgroup_id',
  ads: 'ad_id',
  videos: 'video_id',
  images: 'image_id',
};

export function trueEntities(
  simulator: Simulator,
  resource: EntityTable,
  includeDeleted: boolean,
  advertiserIds: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    advertiserIds.flatMap((advertiserId) => {
      const ids = [...simulator.truth.entities({ advertiserId, resource, includeDeleted })].sort();
      return ids.length === 0 ? [] : [[advertiserId, ids] as const];
    }),
  );
}

function plain(decimal: unknown): string {
  const text = String(decimal ?? 0);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
