import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { advertiserId, ask, control, get, startStill } from './calls.ts';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startStill();
});
afterEach(() => simulator.close());

describe('below /_control/', () => {
  const window = { advertiserId, start: '2025-05-01', end: '2025-05-03' };

  test('truth is the same as in the process', async () => {
    const request = { ...window, dataLevel: 'AUCTION_AD', includeDeleted: false } as const;
    expect(await control(simulator, 'POST', 'truth', request)).toEqual(simulator.truth.totals(request));
    const withKeys = await control(simulator, 'POST', 'truth', { ...request, keys: true });
    expect(withKeys['keys']).toEqual(simulator.truth.keys(request));
    const ids = await control(simulator, 'POST', 'truth', { advertiserId, resource: 'videos' });
    expect(ids['ids']).toEqual(simulator.truth.entities({ advertiserId, resource: 'videos' }));
  });

  test.each([
    ['an unknown account', { ...window, advertiserId: '1' }, /no account 1/],
    ['a wrong date', { ...window, end: 'today' }, /must be dates/],
    ['an unknown level', { ...window, dataLevel: 'AD' }, /dataLevel/],
    ['a misspelt option', { ...window, level: 'AUCTION_AD' }, /level/],
  ])('truth refuses %s', async (_, request, text) => {
    const response = await fetch(`${simulator.controlUrl}truth`, { method: 'POST', body: JSON.stringify(request) });
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(text);
  });

  test('statistics that begin anew leave out what was begun before', async () => {
    simulator.faults.add([{ match: { path: 'advertiser/info/' }, effect: { kind: 'latency', ms: 60 }, times: 1 }]);
    const begun = get(simulator, 'advertiser/info/', { advertiser_ids: JSON.stringify([advertiserId]) });
    while (simulator.stats().calls === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    simulator.resetStats();
    await begun;
    expect(simulator.stats()).toMatchObject({ calls: 0, requests: [] });
  });

  test('the clock is read, set and moved', async () => {
    expect(await control(simulator, 'GET', 'clock')).toEqual({ now: '2025-06-15T12:00:00.000Z' });
    expect(await control(simulator, 'POST', 'clock', { now: '2026-01-01T00:00:00Z' })).toEqual({
      now: '2026-01-01T00:00:00.000Z',
    });
    expect(await control(simulator, 'POST', 'clock', { advanceMs: 1_000 })).toEqual({ now: '2026-01-01T00:00:01.000Z' });
  });

  test('reset brings back the first state', async () => {
    const before = (await get(simulator, 'campaign/get/', { advertiser_id: advertiserId })).data;
    await control(simulator, 'POST', 'clock', { advanceDays: 9 });
    await control(simulator, 'POST', 'world', { advertiserId, insert: 'campaign', count: 3 });
    await control(simulator, 'POST', 'faults', { effect: { kind: 'code', code: 50000 }, after: 1 });
    expect((await get(simulator, 'campaign/get/', { advertiser_id: advertiserId })).data).not.toEqual(before);
    await control(simulator, 'POST', 'reset');
    expect((await get(simulator, 'campaign/get/', { advertiser_id: advertiserId })).data).toEqual(before);
    expect((await get(simulator, 'campaign/get/', { advertiser_id: advertiserId })).code).toBe(0);
    expect(simulator.stats().calls).toBe(2);
  });

  test('its own calls are no calls of the API', async () => {
    await control(simulator, 'GET', 'stats');
    expect(await control(simulator, 'GET', 'stats')).toMatchObject({ calls: 0, requests: [] });
  });

  test('anything else is not found', async () => {
    expect((await fetch(`${simulator.controlUrl}nothing`)).status).toBe(404);
  });
});

describe('options', () => {
  test('are refused all at once, each with its path', async () => {
    const wrong = { port: -1, seeds: 3, advertisers: ['x'], faults: [{ effect: { kind: 'explode' } }] };
    // The types forbid these too; who calls from JSON has no types.
    const error = await startSimulator(wrong as never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    const paths = (error as ConfigError).issues.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['port', 'faults.0.effect.kind', 'options']));
    expect((error as ConfigError).message).toContain('seeds');
  });

  test('size accounts one by one', async () => {
    const own = await startStill({
      campaigns: 2,
      advertisers: ['1', { id: '2', campaigns: 5, adGroupsPerCampaign: 1, adsPerAdGroup: 4 }],
    });
    try {
      const sizes = (id: string) =>
        (['campaigns', 'ad_groups', 'ads'] as const).map((resource) => own.truth.entities({ advertiserId: id, resource }).length);
      expect([sizes('1'), sizes('2')]).toEqual([
        [2, 6, 18],
        [5, 5, 20],
      ]);
    } finally {
      await own.close();
    }
  });

  test('give as many rows as they say: ads × days where every ad runs every day', async () => {
    const own = await startStill({
      campaigns: 4,
      adGroupsPerCampaign: 5,
      adsPerAdGroup: 6,
      alwaysOn: true,
      deliveryPercent: 100,
      deletedPercent: 0,
      topViewCampaigns: 0,
    });
    try {
      expect(own.truth.totals({ advertiserId, start: '2025-05-01', end: '2025-05-30', dataLevel: 'AUCTION_AD' }).rows).toBe(
        120 * 30,
      );
    } finally {
      await own.close();
    }
  });

  test('let answers be compressed for who asks for it', async () => {
    const own = await startStill({ gzip: true });
    try {
      const zipped = await ask(own, 'ad/get/', { advertiser_id: advertiserId, page_size: 1000 }, { 'Accept-Encoding': 'gzip' });
      expect(zipped.headers.get('content-encoding')).toBe('gzip');
      const plain = await ask(
        own,
        'ad/get/',
        { advertiser_id: advertiserId, page_size: 1000 },
        { 'Accept-Encoding': 'identity' },
      );
      expect(plain.headers.get('content-encoding')).toBeNull();
      expect(((await zipped.json()) as { data: object }).data).toEqual(((await plain.json()) as { data: object }).data);
    } finally {
      await own.close();
    }
    const response = await ask(simulator, 'ad/get/', { advertiser_id: advertiserId }, { 'Accept-Encoding': 'gzip' });
    expect(response.headers.get('content-encoding')).toBeNull();
  });
});

test('connections stay open between requests', async () => {
  const response = await ask(simulator, 'campaign/get/', { advertiser_id: advertiserId });
  expect(response.headers.get('connection')).toBe('keep-alive');
});

test('a taken port is an error, not a hang', async () => {
  await expect(startStill({ port: simulator.port })).rejects.toThrow(/EADDRINUSE/);
});
