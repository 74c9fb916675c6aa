import { afterEach, describe, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/index.ts';
import type { SimulatorOptions } from '../../src/simulator/options.ts';
import { adReport, advertiserId, ask, get, hundredths, post, startStill } from './calls.ts';

let simulator: Simulator;
afterEach(() => simulator.close());
const start = async (options: SimulatorOptions = {}): Promise<void> => {
  simulator = await startStill(options);
};

const { page_size: _, ...task } = { ...adReport, enable_report_title_translation: false };
const create = async (parameters: object = {}) =>
  (await post(simulator, 'report/task/create/', { ...task, ...parameters })).data['task_id'];
const check = async (id: unknown) =>
  (await get(simulator, 'report/task/check/', { advertiser_id: advertiserId, task_id: id })).data['status'];
const download = (id: unknown) => ask(simulator, 'report/task/download/', { advertiser_id: advertiserId, task_id: id });

/** No value of these reports holds a comma or a quote. */
const rowsOf = (csv: string) =>
  csv
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));

describe('an asynchronous report', () => {
  test('is made, checked until it is ready, and downloaded as CSV with the rows of the truth', async () => {
    await start();
    const id = await create({ start_date: '2024-01-01', end_date: '2025-05-30' });
    expect((await (await download(id)).json()) as object).toMatchObject({ code: 40201 });
    expect([await check(id), await check(id), await check(id)]).toEqual(['PROCESSING', 'SUCCESS', 'SUCCESS']);
    const response = await download(id);
    expect(response.headers.get('content-type')).toContain('text/csv');
    const [head, ...rows] = rowsOf(await response.text());
    expect(head).toEqual(['ad_id', 'stat_time_day', 'spend', 'impressions', 'clicks', 'conversion']);
    const request = {
      advertiserId,
      start: '2024-01-01',
      end: '2025-05-30',
      dataLevel: 'AUCTION_AD',
      includeDeleted: false,
      includeTopView: false,
    } as const;
    const truth = simulator.truth.totals(request);
    expect(rows.length).toBe(truth.rows);
    expect(rows.reduce((sum, row) => sum + hundredths(row[2] ?? ''), 0n)).toBe(hundredths(truth.spend));
  });

  test('has titles for people by default', async () => {
    await start({ taskChecks: 0 });
    const id = await create({ enable_report_title_translation: undefined });
    expect(rowsOf(await (await download(id)).text())[0]).toEqual([
      'Ad ID',
      'Stat time day',
      'Spend',
      'Impressions',
      'Clicks',
      'Conversion',
    ]);
  });

  test('is not cut at the newest ids', async () => {
    await start({ taskChecks: 0, reportIdsMax: 5 });
    const ids = new Set(rowsOf(await (await download(await create())).text()).map(([adId]) => adId));
    expect(ids.size).toBeGreaterThan(10);
  });

  test('may be a file to fetch', async () => {
    await start({ taskChecks: 0 });
    const id = await create({ output_format: 'CSV_DOWNLOAD', file_name: 'mine' });
    const { data } = (await (await download(id)).json()) as { data: Record<string, string> };
    expect(data).toMatchObject({ file_name: 'mine', output_format: 'CSV_DOWNLOAD' });
    const csv = await (await fetch(data['download_url'] ?? '')).text();
    expect(rowsOf(csv).length).toBeGreaterThan(10);
  });

  test('can be cancelled', async () => {
    await start();
    const id = await create();
    expect((await post(simulator, 'report/task/cancel/', { advertiser_id: advertiserId, task_id: id })).data['status']).toBe(
      'CANCELED',
    );
    expect(await check(id)).toBe('CANCELED');
    expect((await (await download(id)).json()) as object).toMatchObject({ code: 40201 });
  });

  test('lives 30 days', async () => {
    await start({ taskChecks: 0 });
    const id = await create();
    simulator.clock.advance(31 * 86_400_000);
    expect((await (await download(id)).json()) as object).toMatchObject({ code: 40007 });
  });

  test.each([
    ['of playables', { report_type: 'PLAYABLE_MATERIAL' }, 40002, /report_type/],
    [
      'with a status filter',
      { filtering: [{ field_name: 'ad_status', filter_type: 'IN', filter_value: '["STATUS_ALL"]' }] },
      40002,
      /filtering/,
    ],
    ['with a wrong file name', { file_name: 'a/b' }, 40002, /file_name/],
    ['with an unknown metric', { metrics: ['conversions'] }, 40002, /Invalid metric fields/],
    ['of another account', { advertiser_id: '99' }, 40001, /99/],
  ])('%s is refused', async (_name, parameters, code, text) => {
    await start();
    const answer = await post(simulator, 'report/task/create/', { ...task, ...parameters });
    expect([answer.code, answer.message]).toEqual([code, expect.stringMatching(text)]);
  });

  test('is only for apps on the list', async () => {
    await start({ asyncReports: false });
    expect((await post(simulator, 'report/task/create/', task)).code).toBe(40118);
  });

  test('takes lists as lists, not as JSON texts', async () => {
    await start();
    expect((await post(simulator, 'report/task/create/', { ...task, dimensions: '["ad_id"]' })).code).toBe(40002);
  });
});
