import { describe, expect, it } from 'vitest';
import type { ReadUnit } from '../../src/extract/extract.ts';
import { passTotals } from '../../src/extract/totals.ts';
import { unsoundUnits } from '../../src/extract/verify.ts';
import { planReport, planResource } from '../../src/plan/layouts.ts';
import type { ExtractTask, TablePlan } from '../../src/plan/task.ts';
import { workOut } from '../../src/tiktok/report.ts';
import type { Granularity } from '../../src/tiktok/report-types.ts';
import { campaigns } from '../../src/tiktok/resources/campaigns.ts';
import { testStaging } from '../support/staging.ts';

function report(granularity: Granularity): TablePlan {
  return planReport(
    workOut({
      name: 'reports',
      table: 'reports',
      reportType: 'BASIC',
      dataLevel: 'AUCTION_CAMPAIGN',
      granularity,
      metrics: ['spend', 'impressions', 'clicks'],
      aliases: [],
      breakdowns: [],
    }),
  );
}

interface Page {
  readonly list: readonly unknown[];
  readonly layout?: number;
  readonly pass?: number;
}

async function staged(plan: TablePlan, pages: readonly Page[]) {
  const staging = await testStaging();
  staging.openUnit(1, { advertiserIds: ['1'], window: null }, { id: '1', currency: 'EUR', timeZone: 'Europe/Berlin' });
  for (const [at, { list, layout = 0, pass = 0 }] of pages.entries()) {
    const of = plan.layouts[layout];
    if (!of) throw new Error(`no layout ${layout}`);
    const body = Buffer.from(JSON.stringify({ data: { list } }));
    await staging.append(of, { unit: 1, pass, page: at + 1, records: list.length, body });
  }
  for (const layout of plan.layouts) await staging.flush(layout);
  return staging;
}

function unitOf(plan: TablePlan, given: Partial<ReadUnit>): ReadUnit {
  const task: ExtractTask = { table: plan, advertiserIds: ['1'], window: null, queries: [] };
  return { unit: 1, task, expected: new Map(), totals: [], proof: '', passes: 1, bytes: 0, startedAt: 0, readings: 1, ...given };
}

async function faultsOf(
  plan: TablePlan,
  pages: readonly Page[],
  expected: Readonly<Record<string, number>>,
): Promise<readonly string[]> {
  const unit = unitOf(plan, { expected: new Map(Object.entries(expected)) });
  return (await unsoundUnits(await staged(plan, pages), plan, [unit])).map(([, why]) => why);
}

const day = (campaign: string, metrics = {}): unknown => ({
  dimensions: { campaign_id: campaign, stat_time_day: '2026-01-05 00:00:00' },
  metrics,
});
const hour = (time: string): unknown => ({ dimensions: { campaign_id: '1', stat_time_hour: `${time}:00` }, metrics: {} });

describe('rows that were read', () => {
  it('are sound when each is there once', async () => {
    expect(await faultsOf(report('day'), [{ list: [day('1'), day('2')] }], { 'rows_reports/0': 2 })).toEqual([]);
    expect(await faultsOf(report('day'), [], { 'rows_reports/0': 0 })).toEqual([]);
  });

  it('are unsound when some are missing, too many, or the count itself moved', async () => {
    expect(await faultsOf(report('day'), [{ list: [day('1')] }], { 'rows_reports/0': 2 })).toEqual([
      '2 records announced, 1 received',
    ]);
    expect(await faultsOf(report('day'), [], { 'rows_reports/0': 2 })).toEqual(['2 records announced, 0 received']);
    expect(await faultsOf(report('day'), [{ list: [day('1'), day('2')] }], { 'rows_reports/0': 1 })).toEqual([
      '1 records announced, 2 received',
    ]);
    expect(await faultsOf(report('day'), [{ list: [day('1')] }], { 'rows_reports/0': -1 })).toEqual([
      expect.stringContaining('changed between two pages'),
    ]);
  });

  it('are unsound when one came twice in place of another', async () => {
    expect(await faultsOf(report('day'), [{ list: [day('1'), day('1')] }], { 'rows_reports/0': 2 })).toEqual([
      '1 records came twice',
    ]);
  });

  it('are counted by pass: two passes may return the same', async () => {
    const pages = [{ list: [day('1')] }, { list: [day('1')], pass: 1 }];
    expect(await faultsOf(report('day'), pages, { 'rows_reports/0': 1, 'rows_reports/1': 1 })).toEqual([]);
    expect(await faultsOf(report('day'), pages, { 'rows_reports/0': 1, 'rows_reports/1': 2 })).toHaveLength(1);
  });

  it('of an hour that clocks repeat may come twice, of any other hour not', async () => {
    const twice = (time: string): Promise<readonly string[]> =>
      faultsOf(report('hour'), [{ list: [hour(time), hour(time)] }], { 'rows_reports/0': 2 });
    expect(await twice('2026-10-25 02:00')).toEqual([]);
    expect(await twice('2026-10-25 01:00')).toEqual(['1 records came twice']);
    expect(await twice('2026-10-25 03:00')).toEqual(['1 records came twice']);
    expect(await twice('2026-03-29 03:00')).toEqual(['1 records came twice']);
    const thrice = [hour('2026-10-25 02:00'), hour('2026-10-25 02:00'), hour('2026-10-25 02:00')];
    expect(await faultsOf(report('hour'), [{ list: thrice }], { 'rows_reports/0': 3 })).toEqual(['1 records came twice']);
  });

  it('of entities are known by their id, those of a companion by all that is asked of it', async () => {
    const plan = planResource(campaigns);
    const list = [
      { campaign_id: '1', advertiser_id: 'a', campaign_name: 'x' },
      { campaign_id: '1', advertiser_id: 'a', campaign_name: 'y' },
    ];
    expect(await faultsOf(plan, [{ list }], { 'rows_campaigns/0': 2 })).toEqual(['1 records came twice']);
    const groups = [
      { campaign_id: '1', adgroup_id: '1' },
      { campaign_id: '1', adgroup_id: '2' },
    ];
    expect(await faultsOf(plan, [{ list: groups, layout: 1 }], { 'rows_campaigns_companion/0': 2 })).toEqual([]);
    expect(await faultsOf(plan, [{ list: [...groups, groups[0]], layout: 1 }], { 'rows_campaigns_companion/0': 3 })).toEqual([
      '1 records came twice',
    ]);
  });

  it('of a companion are known across its pages', async () => {
    const plan = planResource(campaigns);
    const pages = [1, 2].map(() => ({ list: [{ campaign_id: '1', adgroup_id: '1' }], layout: 1 }));
    expect(await faultsOf(plan, pages, { 'rows_campaigns_companion/0': 2 })).toEqual(['1 records came twice']);
  });
});

describe('totals of passes', () => {
  const totalsOf = async (pages: readonly Page[], totals: ReadUnit['totals']) => {
    const plan = report('day');
    return (await passTotals(await staged(plan, pages), plan, [unitOf(plan, { totals, passes: totals.length })])).get(1);
  };

  it('are those of the one pass, dashes left out', async () => {
    expect(await totalsOf([], [{ spend: '1.50', impressions: '-', clicks: '7', reach: '5' }])).toEqual({
      spend: '1.50',
      clicks: '7',
    });
    expect(await totalsOf([], [null])).toBeNull();
    expect(await totalsOf([], [])).toBeNull();
  });

  it('are added up exactly, less the rows that both passes hold', async () => {
    const both = day('2', { spend: '0.20', impressions: '20', clicks: '2' });
    const pages = [
      { list: [day('1', { spend: '0.10', impressions: '10', clicks: '1' }), both] },
      { list: [both, day('3', { spend: '0.40', impressions: '40', clicks: '4' })], pass: 1 },
    ];
    const totals = [
      { spend: '0.30', impressions: '30', clicks: '3' },
      { spend: '0.60', impressions: '60', clicks: '6' },
    ];
    expect(await totalsOf(pages, totals)).toEqual({ spend: '0.7', impressions: '70', clicks: '7' });
  });
});
