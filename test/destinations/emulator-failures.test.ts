import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { bigquery } from '../../src/destinations/bigquery.ts';
import { snowflake } from '../../src/destinations/snowflake.ts';
import { DestinationError } from '../../src/errors.ts';
import { openBench } from '../contract/destination-fixtures.ts';
import { expectLoads, loadOne } from '../contract/failures.ts';
import { type BigQueryServer, startBigQueryEmulator } from './servers/bigquery.ts';
import { type CuttingProxy, startCuttingProxy } from './servers/cutting-proxy.ts';
import { type SnowflakeServer, startSnowflakeEmulator } from './servers/snowflake.ts';

let snowflakeServer: SnowflakeServer;
let bigqueryServer: BigQueryServer;
let proxies: CuttingProxy[];
let datasets = 0;
const portOf = (url: string): number => Number(new URL(url).port);
beforeAll(async () => {
  snowflakeServer = await startSnowflakeEmulator(['SHOP']);
  bigqueryServer = await startBigQueryEmulator('shop');
  proxies = [
    await startCuttingProxy(portOf(snowflakeServer.accessUrl)),
    await startCuttingProxy(portOf(bigqueryServer.apiEndpoint)),
  ];
});
afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  await Promise.all([snowflakeServer.stop(), bigqueryServer.stop()]);
});

function given(config: Record<string, unknown>) {
  datasets += 1;
  return { config, url: null, datasetName: `failures_${datasets}`, directory: '/' };
}

describe.each([
  [
    'Snowflake emulator',
    snowflake,
    0,
    () => ({ credentials: 'snowflake://me:secret@test/shop', access_url: `http://127.0.0.1:${proxies[0]?.port}` }),
  ],
  [
    'BigQuery emulator',
    bigquery,
    1,
    () => ({ project_id: 'shop', access_token: 'emulator', api_endpoint: `http://127.0.0.1:${proxies[1]?.port}` }),
  ],
] as const)('A connection to the %s that is lost', (_name, definition, at, config) => {
  test.each([
    ['before the commit', 'COMMIT', 'before'],
    ['while the commit is answered', 'COMMIT', 'after'],
    ['after the commit', 'DROP TABLE IF EXISTS', 'before'],
    ['while rows are deleted', 'DELETE FROM', 'before'],
  ] as const)('%s leaves every row once', async (_when, words, moment) => {
    const bench = await openBench({ definition, given: given(config()) });
    try {
      await loadOne(bench, { loadId: 'load-1' });
      const cutsBefore = proxies[at]?.cuts() ?? 0;
      proxies[at]?.cutAt(words, moment);
      await loadOne(bench, { loadId: 'load-2' });
      expect(proxies[at]?.cuts()).toBe(cutsBefore + 1);
      await expectLoads(bench, ['load-1', 'load-2']);
      // Whatever was cut, the next load finds nothing in its way.
      await loadOne(bench, { loadId: 'load-3' });
      await expectLoads(bench, ['load-1', 'load-2', 'load-3']);
    } finally {
      await bench.close();
    }
  });
});

describe('The drivers', () => {
  test('write nothing to the console and leave no files in the working directory', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'working-'));
    const before = process.cwd();
    const written = vi.spyOn(process.stdout, 'write');
    const spied = ['log', 'info', 'warn', 'error', 'debug'] as const;
    const consoles = spied.map((name) => vi.spyOn(console, name));
    process.chdir(directory);
    try {
      const emulated = { credentials: 'snowflake://me:secret@test/shop', access_url: snowflakeServer.accessUrl };
      const benches = [
        await openBench({ definition: snowflake, given: given(emulated) }),
        await openBench({
          definition: bigquery,
          given: given({ project_id: 'shop', access_token: 'x', api_endpoint: bigqueryServer.apiEndpoint }),
        }),
      ];
      for (const bench of benches) {
        await expect(bench.session.query({ sql: 'SELECT no_such_column' })).rejects.toBeInstanceOf(DestinationError);
        await loadOne(bench);
        await bench.close();
      }
      expect(readdirSync(directory)).toEqual([]);
      expect(written.mock.calls).toEqual([]);
      expect(consoles.flatMap((spy) => spy.mock.calls)).toEqual([]);
    } finally {
      process.chdir(before);
      vi.restoreAllMocks();
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test('say that nothing listens in words, without the secret', async () => {
    const config = { credentials: 'snowflake://me:topsecret@test/shop', access_url: 'http://127.0.0.1:1' };
    const error = await openBench({ definition: snowflake, given: given(config) }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'DestinationError', retryable: true, message: expect.stringContaining('test') });
    expect(String(error)).not.toContain('topsecret');
  });
});
