import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bigquery } from '../../src/destinations/bigquery.ts';
import { type Bench, openBench } from '../contract/destination-fixtures.ts';
import { expectFailureThenSuccess, expectLoads, loadOne } from '../contract/failures.ts';
import { type BigQueryServer, startBigQueryEmulator } from './servers/bigquery.ts';
import { type RefusingProxy, startRefusingProxy } from './servers/refusing-proxy.ts';

let server: BigQueryServer;
let proxy: RefusingProxy;
let datasets = 0;
beforeAll(async () => {
  server = await startBigQueryEmulator('shop');
  proxy = await startRefusingProxy(Number(new URL(server.apiEndpoint).port));
});
afterAll(async () => {
  await proxy?.stop();
  await server?.stop();
});

async function withBench(work: (bench: Bench) => Promise<unknown>, lockTimeoutSeconds = 600): Promise<void> {
  datasets += 1;
  const config = {
    project_id: 'shop',
    access_token: 'emulator',
    api_endpoint: `http://127.0.0.1:${proxy.port}`,
    lock_timeout_seconds: lockTimeoutSeconds,
  };
  const given = { config, url: null, datasetName: `refusals_${datasets}`, directory: '/' };
  const bench = await openBench({ definition: bigquery, given });
  try {
    await work(bench);
  } finally {
    proxy.relent();
    await bench.close();
  }
}

/** As the service answers a request that it refuses; reasons and statuses are those of its page of error messages. */
function refusal(status: number, reason: string, message: string) {
  const errors = [{ message, domain: 'global', reason }];
  return { status, body: { error: { code: status, message, errors, status: 'REFUSED' } } };
}

const transaction = 'BEGIN TRANSACTION';
const upload = '/upload/';
const concurrent = refusal(
  400,
  'invalidQuery',
  'Query error: Transaction is aborted due to concurrent update against table shop:ads.reports. Transaction ID: 61e30eea at [24:9]',
);

describe('What an emulated BigQuery refuses as the service does', () => {
  test.each([
    [
      'a quota of the day',
      transaction,
      refusal(403, 'quotaExceeded', 'Custom quota exceeded: Your usage exceeded the custom quota for QueryUsagePerDay'),
      { code: 'out_of_resources', retryable: true, hint: expect.stringContaining('Quotas') },
    ],
    [
      'a quota of loads into one table',
      upload,
      refusal(403, 'quotaExceeded', 'Quota exceeded: Your table exceeded quota for imports or query appends per table'),
      { code: 'out_of_resources', retryable: true },
    ],
    [
      'a project without billing',
      transaction,
      refusal(
        403,
        'billingNotEnabled',
        'Billing has not been enabled for this project. DML queries are not allowed in the free tier.',
      ),
      { code: 'billing', retryable: false, hint: expect.stringContaining('billing account') },
    ],
    [
      'a right that is missing',
      transaction,
      refusal(
        403,
        'accessDenied',
        'Access Denied: Table shop:ads.reports: Permission bigquery.tables.updateData denied on table',
      ),
      { code: 'permission', retryable: false, hint: expect.any(String) },
    ],
    [
      'a project that is blocked',
      transaction,
      refusal(403, 'blocked', 'The operation is temporarily blocked for this project'),
      { code: 'unavailable', retryable: true },
    ],
    [
      'a query that needs too much',
      transaction,
      refusal(400, 'resourcesExceeded', 'Resources exceeded during query execution: Not enough resources for query planning'),
      { code: 'resources_exceeded', retryable: false, hint: expect.stringContaining('fewer') },
    ],
    [
      'a job that somebody stopped',
      transaction,
      refusal(400, 'stopped', 'Job execution was cancelled: User requested cancellation'),
      { code: 'canceled', retryable: true },
    ],
  ])('is told in words, for %s, and the next run gives the true tables', async (_what, words, refused, expected) => {
    await withBench(async (bench) => {
      const error = await expectFailureThenSuccess(bench, expected, { cause: () => proxy.refuse(words, refused) });
      expect(String(error)).toContain(refused.body.error.message);
    });
  });

  test.each([
    ['a table that another transaction changes', concurrent],
    [
      'a table that serves a job just now',
      refusal(400, 'resourceInUse', 'Table shop:ads.reports is currently in use by a running job'),
    ],
    ['a table that is not available for moments', refusal(400, 'tableUnavailable', 'Table shop:ads.reports is unavailable')],
  ])('is tried again while there is time, for %s', async (_what, refused) => {
    await withBench(async (bench) => {
      await loadOne(bench, { loadId: 'load-1' });
      const before = proxy.refusals();
      proxy.refuse(transaction, refused, 3);
      await loadOne(bench, { loadId: 'load-2' });
      expect(proxy.refusals() - before).toBe(3);
      await expectLoads(bench, ['load-1', 'load-2']);
    });
  });

  test('is tried again for too many changes in a short time, by the driver and by us', async () => {
    await withBench(async (bench) => {
      await loadOne(bench, { loadId: 'load-1' });
      proxy.refuse(
        transaction,
        refusal(403, 'rateLimitExceeded', 'Exceeded rate limits: too many table update operations for this table'),
      );
      await loadOne(bench, { loadId: 'load-2' });
      await expectLoads(bench, ['load-1', 'load-2']);
    });
  });

  test('ends in an error once the time is over, which tells the limit and how to find the other job', async () => {
    await withBench(async (bench) => {
      const startedAt = Date.now();
      await expectFailureThenSuccess(
        bench,
        {
          code: 'destination_locked',
          retryable: true,
          message: expect.stringContaining('ads.reports'),
          hint: expect.stringMatching(/INFORMATION_SCHEMA\.JOBS.*lock_timeout_seconds/),
        },
        { cause: () => proxy.refuse(transaction, concurrent, 1000), mend: () => proxy.relent() },
      );
      // Once, not once for each attempt of the load.
      expect(Date.now() - startedAt).toBeLessThan(6000);
    }, 0.5);
  });
});
