import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAttributes, parseConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/errors.ts';

const least = { asset_name: 'ads', access_token: '${TOKEN}', advertiser_ids: '111,222' };
const environment = { TOKEN: 'token-canary' };

describe('parseConfig', () => {
  it('fills in every default', () => {
    const config = parseConfig(least, environment);
    expect(config).toMatchObject({
      assetName: 'ads',
      assetKey: ['ads'],
      datasetName: 'ads',
      accessToken: 'token-canary',
      appId: null,
      secret: null,
      advertiserIds: ['111', '222'],
      resources: ['campaigns', 'reports'],
      startDate: null,
      endDate: null,
      destination: { name: 'duckdb', config: null, url: null },
      writeDisposition: 'merge',
      restateDays: 7,
      includeDeleted: true,
      onAdvertiserError: 'fail',
      assetLayout: 'single',
      checks: true,
      mode: 'live',
      apiBaseUrl: null,
      quota: { perSecond: 10, perMinute: 600, perDay: 864_000, maxConcurrency: null },
      includePreview: true,
      previewRows: 25,
      partitionStart: null,
    });
    expect(config.reports).toHaveLength(1);
    expect(config.reports[0]).toMatchObject({
      name: 'reports',
      table: 'reports',
      reportType: 'BASIC',
      dataLevel: 'AUCTION_CAMPAIGN',
      granularity: 'day',
      breakdowns: [],
      aliases: [],
      startDate: null,
      endDate: null,
    });
    expect(config.reports[0]?.metrics).toEqual(expect.arrayContaining(['spend', 'impressions', 'clicks', 'conversion']));
  });

  it('makes a key and a dataset of an asset name with a slash', () => {
    expect(parseConfig({ ...least, asset_name: 'marketing/tiktok' }, environment)).toMatchObject({
      assetKey: ['marketing', 'tiktok'],
      datasetName: 'marketing_tiktok',
    });
  });

  it('makes a dataset of an asset name that could be none', () => {
    expect(parseConfig({ ...least, asset_name: '2024-daily.ads' }, environment).datasetName).toBe('_2024_daily_ads');
  });

  it('keeps the order of metrics and takes aliases out of them', () => {
    const [report] = parseConfig({ ...least, metrics: 'impressions,conversions,spend,cost' }, environment).reports;
    expect(report).toMatchObject({ metrics: ['impressions', 'spend'], aliases: ['conversions', 'cost'] });
  });

  it('puts the main report first and gives named ones a table and the dates of the component', () => {
    const reports = [
      { name: 'by_country', dimensions: 'country_code', metrics: 'spend', end_date: '2024-01-20' },
      { name: 'plain' },
    ];
    const config = parseConfig({ ...least, start_date: '2024-01-01', end_date: '2024-01-31', reports }, environment);
    expect(
      config.reports.map(({ name, table, startDate, endDate, breakdowns }) => [name, table, startDate, endDate, breakdowns]),
    ).toEqual([
      ['reports', 'reports', '2024-01-01', '2024-01-31', []],
      ['by_country', 'report_by_country', '2024-01-01', '2024-01-20', ['country_code']],
      ['plain', 'report_plain', '2024-01-01', '2024-01-31', []],
    ]);
  });

  it('leaves the main report out if it is not asked for', () => {
    const config = parseConfig({ ...least, resources: 'campaigns', reports: [{ name: 'a' }] }, environment);
    expect(config.reports.map(({ name }) => name)).toEqual(['a']);
  });

  it('breaks an AUDIENCE report down by age and gender unless told otherwise', () => {
    expect(parseConfig({ ...least, report_type: 'AUDIENCE' }, environment).reports[0]?.breakdowns).toEqual(['age', 'gender']);
    expect(
      parseConfig({ ...least, report_type: 'AUDIENCE', dimensions: 'platform' }, environment).reports[0]?.breakdowns,
    ).toEqual(['platform']);
  });

  it.each([
    [{ partition_type: 'daily', partition_start: '2024-01-10' }, '2024-01-10'],
    [{ partition_type: 'hourly', partition_start: '2024-01-10-05:00' }, '2024-01-10'],
    [{ partition_type: 'weekly', partition_start: '2024-01-10' }, '2024-01-14'],
    [{ partition_type: 'monthly', partition_start: '2024-01-15' }, '2024-02-01'],
    [
      {
        partition_dimensions: [
          { name: 'w', type: 'weekly', start: '2024-01-07' },
          { name: 'a', type: 'static', values: '111' },
        ],
      },
      '2024-01-07',
    ],
    [{ partition_type: 'static', partition_values: '111' }, null],
  ])('knows the first date of the first partition of %o', (partitions, date) => {
    expect(parseConfig({ ...least, ...partitions }, environment).partitionStart).toBe(date);
  });

  it('reads hours where partitions are hours', () => {
    const hourly = { ...least, partition_type: 'hourly', partition_start: '2024-01-01' };
    expect(parseConfig(hourly, environment).reports[0]?.granularity).toBe('hour');
    const dimensions = [
      { name: 'time', type: 'hourly', start: '2024-01-01' },
      { name: 'account', type: 'dynamic', dynamic_partition_name: 'accounts' },
    ];
    const multi = parseConfig({ ...least, partition_dimensions: dimensions }, environment);
    expect(multi.reports[0]?.granularity).toBe('hour');
  });

  it('has the sandbox’s own quota, which single attributes change', () => {
    expect(parseConfig({ ...least, mode: 'sandbox', requests_per_day: 500 }, environment).quota).toEqual({
      perSecond: 1,
      perMinute: 30,
      perDay: 500,
      maxConcurrency: null,
    });
  });

  it('needs neither token nor accounts to simulate', () => {
    const config = parseConfig({ asset_name: 'ads', mode: 'simulate' }, {});
    expect(config).toMatchObject({ mode: 'simulate', accessToken: '', advertiserIds: null });
  });

  it('lets the environment’s API address win, and ends it with a slash', () => {
    const written = { ...least, api_base_url: 'https://proxy.example.com/v1.3' };
    expect(parseConfig(written, environment).apiBaseUrl).toBe('https://proxy.example.com/v1.3/');
    const overridden = parseConfig(written, { ...environment, TIKTOK_ADS_API_BASE_URL: 'http://127.0.0.1:1/open_api/v1.3/' });
    expect(overridden.apiBaseUrl).toBe('http://127.0.0.1:1/open_api/v1.3/');
    expect(() => parseConfig(least, { ...environment, TIKTOK_ADS_API_BASE_URL: 'nonsense' })).toThrow(
      /TIKTOK_ADS_API_BASE_URL is not a web address/,
    );
  });
});

describe('references', () => {
  it('resolves every spelling, inside texts, lists, nested mappings and reports', () => {
    const config = parseConfig(
      {
        asset_name: 'ads_${STAGE}',
        access_token: '{{ env.TOKEN }}',
        advertiser_ids: ['${IDS}', '333'],
        start_date: "{{ env('START', '2024-01-01') }}",
        end_date: '${END:-2024-01-31}',
        destination: 'postgres',
        destination_config: '{"credentials": {"password": "p-${PASSWORD}", "host": "${HOST:-localhost}"}}',
        reports: [{ name: '${STAGE}', metrics: '${METRICS}' }],
      },
      { ...environment, STAGE: 'prod', IDS: '111, 222', END: '', PASSWORD: 'a"b\\c', METRICS: 'spend,conversions' },
    );
    expect(config).toMatchObject({
      assetName: 'ads_prod',
      accessToken: 'token-canary',
      advertiserIds: ['111', '222', '333'],
      startDate: '2024-01-01',
      endDate: '2024-01-31',
      destination: { config: { credentials: { password: 'p-a"b\\c', host: 'localhost' } } },
    });
    expect(config.reports[1]).toMatchObject({ table: 'report_prod', metrics: ['spend'], aliases: ['conversions'] });
  });

  it('names every missing variable and the attribute that wants it', () => {
    const given = { ...least, destination_config: { password: '${PW}' }, end_date: '${END}' };
    expect(issuesOf(given, {})).toEqual([
      ['access_token', 'environment variable TOKEN is not set'],
      ['end_date', 'environment variable END is not set'],
      ['destination_config.password', 'environment variable PW is not set'],
    ]);
  });

  it('checks what a variable holds when the run starts, and never prints it', () => {
    const given = { ...least, advertiser_ids: '${IDS}', data_level: '${LEVEL}', metrics: ['spend', '${METRIC}'] };
    expect(checkAttributes(given)).toEqual([]);
    const text = messageOf(given, { ...environment, IDS: 'geheim-1,222', LEVEL: 'geheim-2', METRIC: 'spend' });
    expect(text).toContain('advertiser_ids[0]: what "${IDS}" stands for is not an advertiser id');
    expect(text).toContain('data_level: what "${LEVEL}" stands for is not a data level');
    expect(text).not.toContain('geheim');
  });

  it('takes a mapping out of one variable as it stands', () => {
    const given = { ...least, destination_config: '${CONFIG}' };
    const config = parseConfig(given, { ...environment, CONFIG: '{"credentials": "x://u:p${NOT_A_REFERENCE}@h"}' });
    expect(config.destination.config).toEqual({ credentials: 'x://u:p${NOT_A_REFERENCE}@h' });
  });

  it('resolves references inside a literal secret that travelled through a variable', () => {
    const given = {
      ...least,
      access_token: '${TIKTOK_ADS_LITERAL_ACCESS_TOKEN}',
      destination_config: '${TIKTOK_ADS_LITERAL_DESTINATION_CONFIG}',
    };
    const config = parseConfig(given, {
      TIKTOK_ADS_LITERAL_ACCESS_TOKEN: 'plain-token',
      TIKTOK_ADS_LITERAL_DESTINATION_CONFIG: '{"path": "${FOLDER}/x.duckdb"}',
      FOLDER: '/data "x"',
    });
    expect(config.accessToken).toBe('plain-token');
    expect(config.destination.config).toEqual({ path: '/data "x"/x.duckdb' });
  });

  it('keeps a doubled dollar as a plain one', () => {
    expect(parseConfig({ ...least, access_token: 'a$${TOKEN}b' }, environment).accessToken).toBe('a${TOKEN}b');
  });

  it('reads the credentials URL from the variable that is named', () => {
    const given = { ...least, destination: 'duckdb', destination_credentials_env_var: 'WAREHOUSE' };
    expect(parseConfig(given, { ...environment, WAREHOUSE: 'duckdb:///a.duckdb' }).destination.url).toBe('duckdb:///a.duckdb');
    expect(issuesOf(given, environment)).toEqual([
      ['destination_credentials_env_var', 'environment variable WAREHOUSE is not set'],
    ]);
  });

  it('counts a variable that is empty as not given', () => {
    expect(parseConfig({ ...least, end_date: '${END}' }, { ...environment, END: '' }).endDate).toBeNull();
    expect(issuesOf(least, { TOKEN: ' ' })).toEqual([['access_token', 'is required']]);
  });
});

describe('every spelling of a list', () => {
  it('reads the same from a YAML list, numbers, a text with commas, a JSON text and a variable', () => {
    const id = fc.bigInt({ min: 1n, max: BigInt(Number.MAX_SAFE_INTEGER) });
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 8 }), (ids) => {
        const texts = ids.map(String);
        const spellings: readonly unknown[] = [
          texts,
          ids.map(Number),
          texts.join(','),
          ` ${texts.join(' , ')},`,
          JSON.stringify(texts),
          '${IDS}',
        ];
        for (const spelling of spellings) {
          const config = parseConfig({ ...least, advertiser_ids: spelling }, { ...environment, IDS: texts.join(',') });
          expect(config.advertiserIds).toEqual(texts);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('refuses an id that a number has already cut', () => {
    expect(issuesOf({ ...least, advertiser_ids: Number('7123456789012345678') }, environment)[0]?.[0]).toBe('advertiser_ids[0]');
  });
});

describe('anything at all', () => {
  it('gives issues or a configuration, never another error', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const given = fc.dictionary(
      fc.constantFrom(
        'asset_name',
        'access_token',
        'advertiser_ids',
        'metrics',
        'reports',
        'destination_config',
        'partition_dimensions',
        'start_date',
        'checks',
        'restate_days',
        'x',
      ),
      value,
    );
    fc.assert(
      fc.property(given, (attributes) => {
        const issues = checkAttributes(attributes);
        for (const { path, message } of issues) expect([path, message].every((text) => text.length > 0)).toBe(true);
        try {
          parseConfig(attributes, environment);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never shows a secret that is wrong', () => {
    const secrets = {
      access_token: ['canary-1'],
      secret: { a: 'canary-2' },
      destination_config: ['canary-3'],
      destination_credentials_url: ['canary-4'],
    };
    expect(messageOf({ ...least, ...secrets }, environment)).not.toContain('canary');
  });
});

function issuesOf(attributes: unknown, env: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  try {
    parseConfig(attributes, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ path, message }) => [path, message]);
    throw error;
  }
  return [];
}

function messageOf(attributes: unknown, env: Readonly<Record<string, string>>): string {
  try {
    parseConfig(attributes, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}
