import { describe, expect, it } from 'vitest';
import { notesOn } from '../src/notes.ts';
import { emptyResult, type TableResult } from '../src/pipeline.ts';
import type { Account } from '../src/plan/account.ts';
import { planReport } from '../src/plan/layouts.ts';
import type { Window } from '../src/table.ts';
import { type ReportSpec, workOut } from '../src/tiktok/report.ts';

const now = Date.parse('2026-03-10T12:00:00Z');
const account: Account = {
  id: '1',
  name: null,
  timeZone: 'UTC',
  currency: 'USD',
  createdAt: Date.parse('2025-06-01T00:00:00Z') / 1_000,
  known: true,
};

function result(window: Window | null, rows = 0, spec: Partial<ReportSpec> = {}): TableResult {
  const shape = { reportType: 'BASIC', dataLevel: 'AUCTION_AD', granularity: 'day', aliases: [], breakdowns: [] } as const;
  const table = planReport(workOut({ name: 'reports', table: 'reports', metrics: ['spend'], ...shape, ...spec }));
  const scope = { advertiserId: '1', window, rows, apiRows: null, apiTotals: null, proof: '', startedAt: '' };
  return { ...emptyResult(table), scopes: [scope] };
}

const noteOn = (window: Window | null, rows = 0, spec: Partial<ReportSpec> = {}): string =>
  notesOn([result(window, rows, spec)], [account], now).join('\n');

describe('a report without rows', () => {
  it.each([
    ['before the account was made', { start: '2024-01-01', end: '2024-02-01' }, 'before the account was made (2025-06-01)'],
    ['in the future', { start: '2026-03-12', end: '2026-03-20' }, 'in the future'],
    ['of today', { start: '2026-03-10', end: '2026-03-10' }, '24 to 48 hours'],
    ['of long ago', { start: '2025-08-01', end: '2025-08-05' }, 'No campaign delivered'],
  ])('%s says which it is', (_, window, words) => {
    expect(noteOn(window)).toContain(words);
    expect(noteOn(window)).toContain('reports: no rows');
  });

  it('of playables says what those need', () => {
    expect(noteOn({ start: '2025-08-01', end: '2025-08-01' }, 0, { reportType: 'PLAYABLE_MATERIAL', metrics: [] })).toContain(
      'playable ads',
    );
  });

  it('of a lifetime still says something', () => {
    expect(noteOn(null, 0, { granularity: 'lifetime' })).toContain('no rows');
  });

  it('says nothing where it failed, or was asked for nothing', () => {
    const { scopes, ...rest } = result({ start: '2025-08-01', end: '2025-08-01' });
    expect(scopes).toHaveLength(1);
    expect(notesOn([{ ...rest, scopes: [] }], [account], now)).toEqual([]);
  });
});

describe('a report with rows', () => {
  it('of video metrics alone says which ads have none', () => {
    expect(
      noteOn({ start: '2025-08-01', end: '2025-08-01' }, 5, { metrics: ['video_play_actions', 'video_views_p25'] }),
    ).toContain('ads with a video');
  });

  it('says nothing else', () => {
    expect(noteOn({ start: '2025-08-01', end: '2025-08-01' }, 5)).toBe('');
  });
});
