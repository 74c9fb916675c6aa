import { z } from 'zod';
import type { EntityKind } from './account.ts';
import { atoms } from './cells.ts';
import { dayOf, dayText } from './days.ts';
import { buyingTypeOf, campaignOf, countOf, statusOf } from './entities/traits.ts';
import type { DataLevel } from './facts.ts';
import { entityId, imageId, videoId } from './ids.ts';
import type { ReportQuery } from './report-query.ts';
import { buildSection, type Section } from './report-section.ts';
import { decimalText } from './report-totals.ts';
import type { Simulation } from './simulation.ts';

/**
 * What really happened in the simulated world, whatever the API would show of it: no cut, no pages, no quota. Tests compare
 * loaded tables with this.
 */
export interface Truth {
  /** Throws if there is no such account. */
  readonly totals: (request: TruthRequest) => TruthTotals;
  /** Sorted texts `id|time|breakdown values`, one per report row; parts that the report lacks are left out. */
  readonly keys: (request: TruthRequest) => readonly string[];
  /** Ids of the entities or files, newest first. */
  readonly entities: (request: EntityRequest) => readonly string[];
}

export interface TruthTotals {
  readonly advertiserId: string;
  readonly currency: string;
  readonly rows: number;
  /** Exact decimal text in the account's currency. */
  readonly spend: string;
  readonly impressions: number;
  readonly clicks: number;
  readonly conversion: number;
}

const levels = ['AUCTION_ADVERTISER', 'AUCTION_CAMPAIGN', 'AUCTION_ADGROUP', 'AUCTION_AD'] as const;

export const truthRequestSchema = z.strictObject({
  advertiserId: z.string(),
  /** `YYYY-MM-DD`, both included. */
  start: z.string(),
  end: z.string(),
  dataLevel: z.enum(levels).default('AUCTION_CAMPAIGN'),
  granularity: z.enum(['day', 'hour', 'none']).default('day'),
  breakdowns: z.array(z.string()).default([]),
  /** Entities of the level that are deleted count too. */
  includeDeleted: z.boolean().default(true),
  includeTopView: z.boolean().default(true),
});

export const entityRequestSchema = z.strictObject({
  advertiserId: z.string(),
  resource: z.enum(['campaigns', 'ad_groups', 'ads', 'videos', 'images']),
  includeDeleted: z.boolean().default(true),
  includeTopView: z.boolean().default(true),
});

export type TruthRequest = z.input<typeof truthRequestSchema>;
export type EntityRequest = z.input<typeof entityRequestSchema>;

export function createTruth(simulation: Simulation): Truth {
  function section(given: TruthRequest): Section {
    const request = truthRequestSchema.parse(given);
    const account = simulation.world.account(request.advertiserId);
    if (account === undefined) throw new RangeError(`There is no account ${request.advertiserId}.`);
    const [start, end] = [dayOf(request.start), dayOf(request.end)];
    if (start === undefined || end === undefined)
      throw new RangeError(`start and end must be dates, not ${request.start} and ${request.end}.`);
    const query = queryOf(request, { start, end });
    const clock = simulation.clock.of(account);
    return buildSection({
      account,
      query,
      clock,
      zones: simulation.world.zones,
      idsMax: Number.MAX_SAFE_INTEGER,
      topViewInAuctionReports: request.includeTopView,
    });
  }

  function totals(request: TruthRequest): TruthTotals {
    const found = section(request);
    const sums = found.totals();
    const { currency, minorDigits } = found.account.profile;
    return {
      advertiserId: found.account.id,
      currency,
      rows: found.codes.length,
      spend: decimalText(sums[atoms.spend] ?? 0, minorDigits),
      impressions: sums[atoms.impressions] ?? 0,
      clicks: sums[atoms.clicks] ?? 0,
      conversion: sums[atoms.conversion] ?? 0,
    };
  }

  function keys(request: TruthRequest): readonly string[] {
    const found = section(request);
    const { account, groups, breakdown } = found;
    const idOf = (ordinal: number): string => {
      const { kind } = groups;
      return kind === 'advertiser' ? account.id : entityId(account, kind, ordinal);
    };
    return Array.from(found.codes, (code) => {
      const row = found.rowAt(code);
      const hour = row.hour < 0 ? '' : ` ${String(row.hour).padStart(2, '0')}:00:00`;
      const time = row.day < 0 ? [] : [dayText(row.day) + hour];
      return [idOf(groups.ordinals[row.group] ?? 0), ...time, ...(breakdown?.cells[row.breakdown] ?? [])].join('|');
    }).sort();
  }

  function entities(given: EntityRequest): readonly string[] {
    const { advertiserId, resource, includeDeleted, includeTopView } = entityRequestSchema.parse(given);
    const account = simulation.world.account(advertiserId);
    if (account === undefined) throw new RangeError(`There is no account ${advertiserId}.`);
    if (resource === 'videos') return newestFirst(account.shape.videos).map((ordinal) => videoId(account, ordinal));
    if (resource === 'images') return newestFirst(account.shape.images).map((ordinal) => imageId(account, ordinal));
    const kind: EntityKind = { campaigns: 'campaign', ad_groups: 'adgroup', ads: 'ad' }[resource] as EntityKind;
    return newestFirst(countOf(account, kind))
      .filter((ordinal) => includeDeleted || statusOf(account, kind, ordinal).primary !== 'STATUS_DELETE')
      .filter((ordinal) => includeTopView || buyingTypeOf(account, campaignOf(account, kind, ordinal)) !== 'RESERVATION_TOP_VIEW')
      .map((ordinal) => entityId(account, kind, ordinal));
  }

  return { totals, keys, entities };
}

function newestFirst(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => count - 1 - index);
}

const idDimensions: Readonly<Record<DataLevel, string>> = {
  AUCTION_ADVERTISER: 'advertiser_id',
  AUCTION_CAMPAIGN: 'campaign_id',
  AUCTION_ADGROUP: 'adgroup_id',
  AUCTION_AD: 'ad_id',
};

function queryOf(
  request: z.output<typeof truthRequestSchema>,
  days: { readonly start: number; readonly end: number },
): ReportQuery {
  const { dataLevel, granularity, breakdowns } = request;
  const none = undefined;
  return {
    reportType: breakdowns.length === 0 ? 'BASIC' : 'AUDIENCE',
    dataLevel,
    dimensions: [idDimensions[dataLevel], ...breakdowns],
    idDimension: idDimensions[dataLevel],
    time: granularity === 'none' ? null : granularity,
    breakdowns,
    metrics: [],
    days,
    filters: {
      campaignIds: none,
      adGroupIds: none,
      adIds: none,
      adIdsV2: none,
      statuses: request.includeDeleted || dataLevel === 'AUCTION_ADVERTISER' ? ['STATUS_ALL'] : ['STATUS_NOT_DELETE'],
      buyingTypes: none,
      automationTypes: none,
      objectiveTypes: none,
      promotionTypes: none,
      playableStatuses: none,
      createdFrom: Number.NEGATIVE_INFINITY,
      createdTo: Number.POSITIVE_INFINITY,
    },
    orderField: null,
    descending: true,
    totals: false,
    utc: false,
  };
}
