import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { snowflake } from '../../src/destinations/snowflake.ts';
import { type Bench, openBench, reportColumns } from '../contract/destination-fixtures.ts';
import { expectFailureThenSuccess, expectLoads, loadOne, reportRow } from '../contract/failures.ts';
import { type RefusingProxy, startRefusingProxy } from './servers/refusing-proxy.ts';
import { type SnowflakeServer, startSnowflakeEmulator } from './servers/snowflake.ts';

let server: SnowflakeServer;
let proxy: RefusingProxy;
let datasets = 0;
beforeAll(async () => {
  server = await startSnowflakeEmulator(['SHOP']);
  proxy = await startRefusingProxy(Number(new URL(server.accessUrl).port));
});
afterAll(async () => {
  await proxy?.stop();
  await server?.stop();
});

async function withBench(work: (bench: Bench) => Promise<unknown>): Promise<void> {
  datasets += 1;
  const config = {
    credentials: 'snowflake://me:secret@test/shop?warehouse=LOADING',
    access_url: `http://127.0.0.1:${proxy.port}`,
    lock_timeout_seconds: 7,
  };
  const given = { config, url: null, datasetName: `refusals_${datasets}`, directory: '/' };
  const bench = await openBench({ definition: snowflake, given });
  try {
    await work(bench);
  } finally {
    proxy.relent();
    await bench.close();
  }
}

/** As the service answers a statement that failed. */
function refusal(code: string, sqlState: string, message: string) {
  const data = { internalError: false, errorCode: code, age: 0, sqlState, queryId: '01b43b22-0509-2fce-0003-29019743c13b' };
  return { status: 200, body: { data, code, message, success: false } };
}

const lockedBy =
  "Statement '01b43b22-0509-2fce-0003-29019743c0af' has locked table 'REPORTS' in transaction 1715330074481000000 and this lock has not yet been released.\n";
const aborted = "Your statement '01b43b22-0509-2fce-0003-29019743c13b' was aborted because ";

// Texts as users of the service quote them; where none was at hand, words are assumed in its style, and the title says so.
describe('What an emulated Snowflake refuses as the service does', () => {
  test.each([
    [
      'a warehouse that a resource monitor has suspended',
      'COPY INTO',
      refusal(
        '090073',
        '22000',
        "Warehouse 'LOADING' cannot be resumed because resource monitor 'MONTHLY' has exceeded its quota.",
      ),
      { code: 'out_of_resources', retryable: false, hint: expect.stringMatching(/RESOURCE MONITOR.*warehouse/i) },
    ],
    [
      'a trial that has ended',
      'COPY INTO',
      refusal('390913', '08004', 'Your free trial has ended and all of your virtual warehouses have been suspended.'),
      { code: 'billing', retryable: false, hint: expect.stringContaining('billing') },
    ],
    [
      'an account without a way to pay',
      'COPY INTO',
      refusal('000666', '57014', 'SQL compilation error: Your account is suspended due to lack of payment method.'),
      { code: 'billing', retryable: false, hint: expect.stringContaining('billing') },
    ],
    [
      'a warehouse that somebody suspended',
      'DELETE FROM',
      refusal(
        '000607',
        '57014',
        "Warehouse 'LOADING' is suspended. Use 'alter warehouse LOADING resume;' command if you need to use it again.",
      ),
      { code: 'unavailable', retryable: true, hint: expect.stringContaining('AUTO_RESUME') },
    ],
    [
      'a statement that took longer than it may',
      'INSERT INTO',
      refusal('000630', '57014', 'Statement reached its statement or warehouse timeout of 300 second(s) and was canceled.'),
      { code: 'statement_timeout', retryable: true, hint: expect.stringContaining('STATEMENT_TIMEOUT_IN_SECONDS') },
    ],
    [
      'a statement that queued longer than it may (assumed words)',
      'INSERT INTO',
      refusal('000604', '57014', 'SQL execution canceled: statement reached its queued timeout of 60 second(s).'),
      { code: 'statement_timeout', retryable: true, hint: expect.stringContaining('STATEMENT_QUEUED_TIMEOUT_IN_SECONDS') },
    ],
    [
      'a lock for which too many wait',
      'DELETE FROM',
      refusal('000625', '57014', `${lockedBy}${aborted}the number of waiters for this lock exceeds the 20 statements limit.`),
      { code: 'destination_locked', retryable: true, hint: expect.stringMatching(/SHOW LOCKS.*SYSTEM\$ABORT_TRANSACTION/) },
    ],
    [
      'a lock that was not released in time (assumed words)',
      'DELETE FROM',
      refusal('000625', '57014', `${lockedBy}${aborted}it waited for the lock longer than LOCK_TIMEOUT, 7 second(s).`),
      { code: 'destination_locked', retryable: true, hint: expect.stringContaining('lock_timeout_seconds') },
    ],
    [
      'a statement that somebody canceled (assumed words)',
      'DELETE FROM',
      refusal('000604', '57014', 'SQL execution canceled'),
      { code: 'canceled', retryable: true },
    ],
  ])('is told in words, for %s, and the next run gives the true tables', async (_what, words, refused, expected) => {
    await withBench(async (bench) => {
      const error = await expectFailureThenSuccess(bench, expected, { cause: () => proxy.refuse(words, refused) });
      expect(String(error)).toContain(refused.body.message.split('\n')[0]);
    });
  });

  test.each([
    ['DELETE FROM', refusal('000639', '40001', "Your transaction '1715330074481000000' was aborted because of a deadlock.")],
    [
      'COMMIT',
      refusal('090232', '22000', 'Transaction 1715330074481000000 was aborted: table REPORTS was changed concurrently.'),
    ],
  ])('as an aborted transaction is run again at once, and only so often (assumed words, at %s)', async (words, refused) => {
    await withBench(async (bench) => {
      await loadOne(bench, { loadId: 'load-1' });
      proxy.refuse(words, refused);
      await loadOne(bench, { loadId: 'load-2' });
      await expectLoads(bench, ['load-1', 'load-2']);
      proxy.refuse(words, refused, 100);
      const before = proxy.refusals();
      await expect(loadOne(bench, { loadId: 'load-3' })).rejects.toMatchObject({ code: 'conflict', retryable: true });
      expect(proxy.refusals() - before).toBe(3);
      proxy.relent();
      await loadOne(bench, { loadId: 'load-3' });
      await expectLoads(bench, ['load-1', 'load-2', 'load-3']);
    });
  });
});

describe('A text that is longer than an emulated Snowflake holds', () => {
  test('is refused before it is sent, with column, length and limit', async () => {
    await withBench(async (bench) => {
      await loadOne(bench, { loadId: 'load-1' });
      const staged = await bench.stage(
        [...reportColumns, { name: 'words', type: 'text' }],
        [[...reportRow, 'ü'.repeat(8_388_609)]],
      );
      await expect(loadOne(bench, { staged, loadId: 'load-2' })).rejects.toMatchObject({
        code: 'text_too_long',
        retryable: false,
        message: expect.stringMatching(/REPORTS\.words.*16,777,218 bytes.*Snowflake.*16,777,216 bytes/),
      });
      await loadOne(bench, { loadId: 'load-2' });
      await expectLoads(bench, ['load-1', 'load-2']);
    });
  });
});
