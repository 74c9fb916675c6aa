import { afterEach, describe, expect, test } from 'vitest';
import type { FaultRuleInput } from '../../src/simulator/fault-rules.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { adReport, advertiserId, allRows, ask, control, get, startStill, sumOf } from './calls.ts';

let simulator: Simulator;
afterEach(() => simulator.close());

async function start(...faults: readonly FaultRuleInput[]): Promise<void> {
  simulator = await startStill({ faults: [...faults], advertisers: [advertiserId, '7000000000002'] });
}

const campaigns = (parameters: object = {}) => get(simulator, 'campaign/get/', { advertiser_id: advertiserId, ...parameters });

describe('when', () => {
  test('a fault hits the requests that match, so many times, and no others', async () => {
    await start({ match: { path: 'campaign/get/', advertiserId, page: 2 }, times: 2, effect: { kind: 'code', code: 50000 } });
    expect((await campaigns()).code).toBe(0);
    expect((await get(simulator, 'ad/get/', { advertiser_id: advertiserId, page: 2 })).code).toBe(0);
    expect((await campaigns({ advertiser_id: '7000000000002', page: 2 })).code).toBe(0);
    const codes = [await campaigns({ page: 2 }), await campaigns({ page: 2 }), await campaigns({ page: 2 })].map(
      ({ code }) => code,
    );
    expect(codes).toEqual([50000, 50000, 0]);
  });

  test('a fault may wait and may hit each n-th request', async () => {
    await start({ after: 1, every: 2, effect: { kind: 'code', code: 51010 } });
    const codes: number[] = [];
    for (let i = 0; i < 6; i += 1) codes.push((await campaigns()).code);
    expect(codes).toEqual([0, 51010, 0, 51010, 0, 51010]);
  });

  test('faults come and go while the simulator runs', async () => {
    await start();
    const rule = { name: 'mine', match: { path: 'campaign/get/' }, effect: { kind: 'code', code: 60001 } };
    await control(simulator, 'POST', 'faults', [rule]);
    expect((await campaigns()).code).toBe(60001);
    expect(simulator.stats().faults).toEqual({ mine: 1 });
    expect(await control(simulator, 'GET', 'faults')).toMatchObject([{ name: 'mine', hits: 1 }]);
    await control(simulator, 'DELETE', 'faults');
    expect((await campaigns()).code).toBe(0);
  });

  test('a wrong rule is refused with its path', async () => {
    await start();
    const response = await fetch(`${simulator.controlUrl}faults`, { method: 'POST', body: '{"effect":{"kind":"explode"}}' });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('effect');
  });
});

describe('what', () => {
  test.each([40001, 40016, 40100, 40105, 40133, 50002, 51010, 60001])(
    'code %i comes inside HTTP 200 with a text',
    async (code) => {
      await start({ effect: { kind: 'code', code } });
      const response = await ask(simulator, 'campaign/get/', { advertiser_id: advertiserId });
      expect(response.status).toBe(200);
      const body = (await response.json()) as { code: number; message: string; data: unknown };
      expect(body).toMatchObject({ code, data: {} });
      expect(body.message.length).toBeGreaterThan(10);
    },
  );

  test.each([429, 500, 502, 504])('HTTP %i comes with a page of HTML', async (status) => {
    await start({ effect: { kind: 'http', status } });
    const response = await ask(simulator, 'campaign/get/', { advertiser_id: advertiserId });
    expect(response.status).toBe(status);
    expect(await response.text()).toContain('<html>');
  });

  test('a reset breaks the connection', async () => {
    await start({ effect: { kind: 'reset' }, times: 1 });
    await expect(campaigns()).rejects.toThrow('fetch failed');
    expect((await campaigns()).code).toBe(0);
  });

  test('a truncated body breaks off', async () => {
    await start({ effect: { kind: 'truncate', share: 0.5 }, times: 1 });
    const response = await ask(simulator, 'campaign/get/', { advertiser_id: advertiserId });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  test('a cleanly truncated body is half a JSON text', async () => {
    await start({ effect: { kind: 'truncate', share: 0.5, clean: true }, times: 1 });
    const text = await (await ask(simulator, 'campaign/get/', { advertiser_id: advertiserId })).text();
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(text.startsWith('{"code":0')).toBe(true);
  });

  test('a slow body comes whole in the end', async () => {
    await start({ effect: { kind: 'slow', ms: 60, pieces: 4 } });
    const began = performance.now();
    expect((await campaigns()).data.list.length).toBeGreaterThan(0);
    expect(performance.now() - began).toBeGreaterThan(40);
  });

  test('a hanging request gets no answer', async () => {
    await start({ effect: { kind: 'hang' } });
    const url = `${simulator.url}campaign/get/?advertiser_id=${advertiserId}`;
    const request = fetch(url, { headers: { 'Access-Token': 'simulated-access-token' }, signal: AbortSignal.timeout(80) });
    await expect(request).rejects.toThrow(/timeout/i);
  });

  test('latency holds up the answer', async () => {
    await start({ effect: { kind: 'latency', ms: 50 } });
    const began = performance.now();
    await campaigns();
    expect(performance.now() - began).toBeGreaterThan(45);
  });

  test('an inserted entity shifts the pages and moves the total', async () => {
    await start({ match: { path: 'ad/get/', page: 2 }, times: 1, effect: { kind: 'insert', entity: 'ad' } });
    const page = (n: number) => get(simulator, 'ad/get/', { advertiser_id: advertiserId, page_size: 5, page: n });
    const [first, second, third] = [await page(1), await page(2), await page(1)];
    expect(second.data.page_info.total_number).toBe(first.data.page_info.total_number + 1);
    expect(second.data.list[0]).toEqual(first.data.list[4]);
    expect(third.data.list.slice(1)).toEqual(first.data.list.slice(0, 4));
    expect(third.data.list[0]?.['create_time']).toBe('2025-06-15 12:00:00');
  });

  test('an inserted campaign of some days ago shifts the pages of reports and counts in the truth', async () => {
    await start({ match: { page: 2 }, times: 1, effect: { kind: 'insert', entity: 'campaign', count: 3, daysAgo: 60 } });
    const truth = () => simulator.truth.totals({ advertiserId, start: '2025-05-01', end: '2025-05-30', dataLevel: 'AUCTION_AD' });
    const before = truth();
    const page = (n: number) => get(simulator, 'report/integrated/get/', { ...adReport, page_size: 10, page: n });
    const [first, second] = [await page(1), await page(2)];
    const added = second.data.page_info.total_number - first.data.page_info.total_number;
    expect(added).toBeGreaterThan(10);
    expect(truth().rows).toBe(before.rows + added);
    expect(truth().impressions).toBeGreaterThan(before.impressions);
    expect((await page(1)).data.list[0]).not.toEqual(first.data.list[0]);
  });

  test('a duplicate repeats the first record and a drop loses the last ones, and page_info says nothing', async () => {
    await start(
      { match: { page: 1 }, effect: { kind: 'duplicate' } },
      { match: { page: 2 }, effect: { kind: 'drop', count: 3 } },
    );
    const page = (n: number) => get(simulator, 'ad/get/', { advertiser_id: advertiserId, page_size: 5, page: n });
    const [first, second] = [await page(1), await page(2)];
    expect(first.data.list.length).toBe(6);
    expect(first.data.list[0]).toEqual(first.data.list[1]);
    expect(second.data.list.length).toBe(2);
    expect(second.data.page_info).toMatchObject({ page_size: 5, page: 2 });
  });

  test('a changed body keeps numbers that JavaScript cannot hold', async () => {
    await start({ effect: { kind: 'duplicate' } });
    const text = await (await ask(simulator, 'ad/get/', { advertiser_id: advertiserId, page_size: 1000 })).text();
    expect(text).toContain('"tracking_pixel_id":7100000000000000001');
  });

  test('rows lost without a word are missed by who compares with the totals', async () => {
    await start({ match: { path: 'report/integrated/get/' }, effect: { kind: 'drop', count: 2 } });
    const { data } = await get(simulator, 'report/integrated/get/', { ...adReport, enable_total_metrics: 'true' });
    const rows = await allRows(simulator, adReport);
    expect(sumOf(rows, 'impressions') / 100n).toBeLessThan(BigInt(data.total_metrics?.['impressions'] ?? 0));
  });

  test('a metric may be refused for one account only', async () => {
    await start({ match: { advertiserId: '7000000000002' }, effect: { kind: 'invalid-metric', metric: 'clicks' } });
    expect((await get(simulator, 'report/integrated/get/', adReport)).code).toBe(0);
    const refused = await get(simulator, 'report/integrated/get/', { ...adReport, advertiser_id: '7000000000002' });
    expect(refused.message).toContain("Invalid metric fields: ['clicks']");
    const without = { ...adReport, advertiser_id: '7000000000002', metrics: ['spend'] };
    expect((await get(simulator, 'report/integrated/get/', without)).code).toBe(0);
  });

  test('a window may be too large until it is shorter', async () => {
    await start({ match: { path: 'report/integrated/get/' }, effect: { kind: 'too-large', maxDays: 7 } });
    expect((await get(simulator, 'report/integrated/get/', adReport)).code).toBe(40067);
    expect((await get(simulator, 'report/integrated/get/', { ...adReport, end_date: '2025-05-07' })).code).toBe(0);
  });

  test('a token may be revoked midway, for good', async () => {
    await start({ after: 2, times: 1, effect: { kind: 'revoke' } });
    const codes: number[] = [];
    for (let i = 0; i < 4; i += 1) codes.push((await campaigns()).code);
    expect(codes).toEqual([0, 0, 40105, 40105]);
  });
});
