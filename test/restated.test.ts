import { describe, expect, it } from 'vitest';
import { emptyResult } from '../src/pipeline.ts';
import { planReport } from '../src/plan/layouts.ts';
import type { PartitionWindow } from '../src/plan/plan.ts';
import { restatedOf } from '../src/restated.ts';
import { workOut } from '../src/tiktok/report.ts';

/** What a run of these partitions read again, when it read one window of each account, days of March 2026. */
function restated(read: Readonly<Record<string, readonly [number, number]>>, partitions: readonly PartitionWindow[]) {
  const shape = { reportType: 'BASIC', dataLevel: 'AUCTION_AD', granularity: 'day', aliases: [], breakdowns: [] } as const;
  const scopes = Object.entries(read).map(([advertiserId, [first, last]]) => ({
    advertiserId,
    window: { start: date(first), end: date(last) },
    rows: 0,
    apiRows: null,
    apiTotals: null,
    proof: '',
    startedAt: '',
  }));
  const table = planReport(workOut({ name: 'reports', table: 'reports', metrics: ['spend'], ...shape }));
  return restatedOf({ ...emptyResult(table), scopes }, partitions);
}

function date(day: number): string {
  return `2026-03-${String(day).padStart(2, '0')}`;
}

function partition(key: string, first: number, last: number, advertiserId: string | null = null): PartitionWindow {
  return { key, window: { start: date(first), end: date(last) }, advertiserId };
}

describe('partitions that were read again', () => {
  it('are the days before a day', () => {
    expect(restated({ 1: [3, 5] }, [partition('2026-03-05', 5, 5)])).toEqual({
      days: ['2026-03-03', '2026-03-04'],
      partitionKeys: ['2026-03-03', '2026-03-04'],
    });
  });

  it('are an account’s days before its day, whatever other accounts have of their own', () => {
    const own = [partition('1|2026-03-04', 4, 4, '1'), partition('2|2026-03-05', 5, 5, '2')];
    expect(restated({ 1: [3, 4], 2: [4, 5] }, own)).toEqual({
      days: ['2026-03-03', '2026-03-04'],
      partitionKeys: ['1|2026-03-03', '2|2026-03-04'],
    });
  });

  it('are not named where a partition is a week or an hour', () => {
    expect(restated({ 1: [6, 14] }, [partition('2026-03-08', 8, 14)])).toMatchObject({
      days: ['2026-03-06', '2026-03-07'],
      partitionKeys: [],
    });
    expect(restated({ 1: [7, 8] }, [partition('2026-03-08-05:00', 8, 8)])).toMatchObject({
      days: ['2026-03-07'],
      partitionKeys: [],
    });
  });

  it('are none where the run has no dates of its own', () => {
    expect(restated({ 1: [1, 9] }, [{ key: '1', window: null, advertiserId: '1' }])).toEqual({ days: [], partitionKeys: [] });
  });
});
