import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/index.ts';
import { resources } from '../../src/tiktok/resources/index.ts';
import { advertiserId, ask, type Envelope, get, startStill } from './calls.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startStill({ advertisers: [advertiserId, '7000000000002', '7000000000003'], campaigns: 20 });
});
afterAll(() => simulator.close());

const ask1000 = (path: string, filtering?: object) =>
  get(simulator, path, { advertiser_id: advertiserId, page_size: 1000, filtering });
const ids = ({ data }: Envelope, field: string) => data.list.map((record) => String(record[field]));
const kinds = [
  ['campaigns', 'campaign/get/', 'campaign_id', 'CAMPAIGN'],
  ['ad_groups', 'adgroup/get/', 'adgroup_id', 'ADGROUP'],
  ['ads', 'ad/get/', 'ad_id', 'AD'],
] as const;

describe.each(kinds)('%s', (resource, path, field, prefix) => {
  const truth = (options: object) => simulator.truth.entities({ advertiserId, resource, includeTopView: false, ...options });

  test('come newest first, without the deleted ones and TopView', async () => {
    const found = ids(await ask1000(path), field);
    expect(found).toEqual(truth({ includeDeleted: false }));
    expect(found).toEqual([...found].sort().reverse());
  });

  test.each([
    ['primary_status', 'STATUS_ALL'],
    ['secondary_status', `${prefix}_STATUS_ALL`],
  ])('come with the deleted ones by %s %s', async (name, value) => {
    expect(ids(await ask1000(path, { [name]: value }), field)).toEqual(truth({ includeDeleted: true }));
  });

  test('come deleted only by STATUS_DELETE, and say so themselves', async () => {
    const { data } = await ask1000(path, { primary_status: 'STATUS_DELETE' });
    const living = truth({ includeDeleted: false });
    expect(data.list.map((record) => record[field])).toEqual(
      truth({ includeDeleted: true }).filter((id) => !living.includes(id)),
    );
    expect(data.list.length).toBeGreaterThan(0);
    expect(
      data.list.every(
        (record) => record['operation_status'] === 'DELETE' && String(record['secondary_status']).endsWith('_DELETE'),
      ),
    ).toBe(true);
  });

  test('of TopView come only in a pass of their own', async () => {
    const { data } = await get(simulator, path, {
      advertiser_id: advertiserId,
      page_size: 100,
      filtering: { buying_types: ['RESERVATION_TOP_VIEW'], primary_status: 'STATUS_ALL' },
    });
    const auction = truth({ includeDeleted: true });
    const all = simulator.truth.entities({ advertiserId, resource });
    expect(data.list.map((record) => record[field])).toEqual(all.filter((id) => !auction.includes(id)));
    expect(data.list.length).toBeGreaterThan(0);
  });

  test('are found by id, whatever page they are on', async () => {
    const [first = '', , third = ''] = truth({ includeDeleted: false });
    expect(ids(await ask1000(path, { [`${field}s`]: [third, first, '1'] }), field)).toEqual([first, third]);
  });

  test('come in pages of ten by default', async () => {
    const answer = await get(simulator, path, { advertiser_id: advertiserId });
    const total = truth({ includeDeleted: false }).length;
    expect(answer.data.page_info).toEqual({ page: 1, page_size: 10, total_number: total, total_page: Math.ceil(total / 10) });
    expect(answer.data.list.length).toBe(10);
  });

  test('have the fields asked for and no others', async () => {
    const { data } = await get(simulator, path, { advertiser_id: advertiserId, fields: [field, 'modify_time'] });
    expect(Object.keys(data.list[0] ?? {}).sort()).toEqual([field, 'modify_time'].sort());
  });

  test('leave out empty fields when asked to', async () => {
    const parameters = { advertiser_id: advertiserId, exclude_field_types_in_response: ['NULL_FIELD'] };
    const { data } = await get(simulator, path, parameters);
    expect(data.list.flatMap((record) => Object.values(record)).includes(null)).toBe(false);
  });

  test('are filtered by their time of creation', async () => {
    const start = '2024-03-01 00:00:00';
    const { data } = await ask1000(path, { creation_filter_start_time: start, primary_status: 'STATUS_ALL' });
    expect(data.list.every((record) => String(record['create_time']) >= start)).toBe(true);
    expect(data.list.length).toBeGreaterThan(0);
    expect(data.list.length).toBeLessThan(truth({ includeDeleted: true }).length);
  });
});

describe('records', () => {
  test.each(resources.map((resource) => [resource.name, resource] as const))(
    'of %s have every documented field',
    async (_, resource) => {
      const several = resource.advertisers.kind === 'many-per-request';
      const { data } = await get(
        simulator,
        resource.path,
        several ? { advertiser_ids: [advertiserId] } : { advertiser_id: advertiserId },
      );
      const fields = Object.entries(resource.columns).map(([name, column]) =>
        typeof column === 'string' ? name : (('field' in column ? column.field : undefined) ?? name),
      );
      const sent = new Set([...Object.keys(data.list[0] ?? {}), 'company_name_editable', 'advertiser_id']);
      expect(fields.filter((field) => !sent.has(field))).toEqual([]);
    },
  );

  test('of upgraded Smart+ ads have no modify_time and an ad of their own', async () => {
    const { data } = await ask1000('ad/get/');
    const smart = data.list.filter((record) => record['campaign_automation_type'] === 'UPGRADED_SMART_PLUS');
    expect(smart.length).toBeGreaterThan(0);
    expect(smart.every((record) => record['modify_time'] === null && /^\d{19}$/.test(String(record['smart_plus_ad_id'])))).toBe(
      true,
    );
    const others = data.list.filter((record) => record['campaign_automation_type'] !== 'UPGRADED_SMART_PLUS');
    expect(others.every((record) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(String(record['modify_time'])))).toBe(true);
  });

  test('of Spark ads have no video but a post', async () => {
    const { data } = await ask1000('ad/get/');
    const spark = data.list.filter((record) => record['tiktok_item_id'] !== null);
    expect(spark.length).toBeGreaterThan(0);
    expect(spark.every((record) => record['video_id'] === null && record['identity_type'] === 'AUTH_CODE')).toBe(true);
  });

  test('have pixel ids as numbers too large for JavaScript', async () => {
    const text = await (await ask(simulator, 'ad/get/', { advertiser_id: advertiserId, page_size: 1000 })).text();
    expect(text).toContain('"tracking_pixel_id":7100000000000000001');
    expect(text).toContain('"page_id":7399999999999999999');
  });

  test('have names that break careless importers', async () => {
    const names = (await ask1000('ad/get/', { primary_status: 'STATUS_ALL' })).data.list.map((record) =>
      String(record['ad_name']),
    );
    for (const part of ['"', "'", '\n', '\\', '🔥', 'مرحبا', '{{', 'DROP TABLE', ','])
      expect([part, names.some((name) => name.includes(part))]).toEqual([part, true]);
  });
});

describe('files', () => {
  test.each([
    ['videos', 'file/video/ad/search/', 'file/video/ad/info/', 'video_id'],
    ['images', 'file/image/ad/search/', 'file/image/ad/info/', 'image_id'],
  ] as const)('%s beyond the newest are reached by their ids only', async (resource, search, byIds, field) => {
    const small = await startStill({ fileSearchMax: 25, videos: 40, images: 40 });
    try {
      const newest = await get(small, search, { advertiser_id: advertiserId, page_size: 100 });
      const all = small.truth.entities({ advertiserId, resource });
      expect(newest.data.list.map((record) => record[field])).toEqual(all.slice(0, 25));
      expect(newest.data.page_info.total_number).toBe(25);
      const old = all.slice(25, 30);
      const found = await get(small, byIds, { advertiser_id: advertiserId, [`${field}s`]: [...old, 'nonsense'] });
      expect(found.data.list.map((record) => record[field])).toEqual(old);
      expect(found.data.page_info).toBeUndefined();
    } finally {
      await small.close();
    }
  });

  test('are those that ads carry, except covers of videos', async () => {
    const { data } = await ask1000('ad/get/', { primary_status: 'STATUS_ALL' });
    const videos = data.list.flatMap((record) => (record['video_id'] === null ? [] : [String(record['video_id'])]));
    const known = simulator.truth.entities({ advertiserId, resource: 'videos' });
    expect(videos.filter((id) => !known.includes(id))).toEqual([]);
    const library = simulator.truth.entities({ advertiserId, resource: 'images' });
    const carried = data.list.flatMap((record) =>
      (record['image_ids'] as string[]).map((id) => [record['ad_format'], library.includes(id)] as const),
    );
    expect(carried.filter(([format, isKnown]) => (format === 'SINGLE_VIDEO') === isKnown)).toEqual([]);
    expect(new Set(carried.map(([, isKnown]) => isKnown))).toEqual(new Set([true, false]));
  });

  test('have addresses that die and times in ISO 8601', async () => {
    const { data } = await get(simulator, 'file/video/ad/search/', { advertiser_id: advertiserId });
    expect(data.list[0]).toMatchObject({ preview_url_expire_time: '2025-06-15 18:00:00', format: 'mp4' });
    expect(data.list[0]?.['create_time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });
});

describe('accounts', () => {
  test('are discovered by app id and secret', async () => {
    const { data } = await get(simulator, 'oauth2/advertiser/get/', {
      app_id: '7000000000000000000',
      secret: 'simulated-secret',
    });
    expect(data.list.map((record) => record['advertiser_id'])).toEqual([advertiserId, '7000000000002', '7000000000003']);
    expect(data.page_info).toBeUndefined();
  });

  test('come in several zones and currencies, one with a POSIX sign that differs from its display zone', async () => {
    const { data } = await get(simulator, 'advertiser/info/', {
      advertiser_ids: [advertiserId, '7000000000002', '7000000000003'],
    });
    expect(data.list.map((record) => [record['timezone'], record['display_timezone'], record['currency']])).toEqual([
      ['Etc/GMT+8', 'America/Los_Angeles', 'USD'],
      ['Europe/Berlin', 'Europe/Berlin', 'EUR'],
      ['Asia/Tokyo', 'Asia/Tokyo', 'JPY'],
    ]);
    expect(data.list[0]).toMatchObject({ create_time: expect.any(Number), balance: expect.any(Number) });
    expect(data.list[0]).not.toHaveProperty('company_name_editable');
  });

  test('say company_name_editable only when asked', async () => {
    const { data } = await get(simulator, 'advertiser/info/', {
      advertiser_ids: [advertiserId],
      fields: ['advertiser_id', 'company_name_editable'],
    });
    expect(data.list).toEqual([{ advertiser_id: advertiserId, company_name_editable: true }]);
  });

  test('any numeric id is one with anyAdvertiser', async () => {
    const open = await startStill({ anyAdvertiser: true, anyToken: true });
    try {
      const headers = { 'Access-Token': 'whatever' };
      expect(
        (await get(open, 'campaign/get/', { advertiser_id: '1234567890' }, headers)).data.page_info.total_number,
      ).toBeGreaterThan(0);
      expect((await get(open, 'campaign/get/', { advertiser_id: 'abc' }, headers)).code).toBe(40002);
    } finally {
      await open.close();
    }
  });
});

describe('tokens', () => {
  test('come from a code that works once, and die when revoked', async () => {
    const own = await startStill();
    try {
      const body = { app_id: '7000000000000000000', secret: 'simulated-secret' };
      const send = async (path: string, extra: object): Promise<Envelope> => {
        const init = {
          method: 'POST',
          headers: { 'Access-Token': 'simulated-access-token' },
          body: JSON.stringify({ ...body, ...extra }),
        };
        return (await (await fetch(`${own.url}${path}`, init)).json()) as Envelope;
      };
      const first = await send('oauth2/access_token/', { auth_code: 'code' });
      expect(first.data).toEqual({ access_token: 'simulated-access-token', scope: [1, 2, 4, 6], advertiser_ids: [advertiserId] });
      expect((await send('oauth2/access_token/', { auth_code: 'code' })).code).toBe(40110);
      expect((await send('oauth2/revoke_token/', { access_token: 'simulated-access-token' })).code).toBe(0);
      expect((await get(own, 'user/info/')).code).toBe(40105);
    } finally {
      await own.close();
    }
  });

  test('without the account scope read reports but not accounts', async () => {
    const own = await startStill({ accountScope: false });
    try {
      expect((await get(own, 'advertiser/info/', { advertiser_ids: [advertiserId] })).code).toBe(40130);
      expect((await get(own, 'campaign/get/', { advertiser_id: advertiserId })).code).toBe(0);
    } finally {
      await own.close();
    }
  });
});
