import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redshift } from '../../src/destinations/redshift.ts';
import { advertiser, append, type Bench, openBench, reportColumns } from '../contract/destination-fixtures.ts';
import { expectFailureThenSuccess, expectLoads, loadOne, lockReports, reportRow } from '../contract/failures.ts';
import { type CuttingProxy, startCuttingProxy } from './servers/cutting-proxy.ts';
import { type PostgresServer, startPostgres } from './servers/postgres.ts';
import { type RedshiftStandIn, startRedshiftStandIn } from './servers/redshift-stand-in.ts';
import { type S3Server, startS3Emulator } from './servers/s3.ts';

let server: PostgresServer;
let s3: S3Server;
let standIn: RedshiftStandIn;
let proxy: CuttingProxy;
let admin: pg.Client;
let bucket: S3Client;
let datasets = 0;
beforeAll(async () => {
  [server, s3] = await Promise.all([startPostgres(), startS3Emulator('staging')]);
  standIn = await startRedshiftStandIn(server, s3.endpoint);
  proxy = await startCuttingProxy(standIn.port);
  admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  const keys = { accessKeyId: 'x', secretAccessKey: 'x' };
  bucket = new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: keys });
});
afterAll(async () => {
  bucket?.destroy();
  await admin?.end();
  await proxy?.stop();
  await standIn?.stop();
  await Promise.all([server?.stop(), s3?.stop()]);
});

async function withBench(config: Record<string, unknown>, work: (bench: Bench) => Promise<unknown>, now?: () => number) {
  datasets += 1;
  const { username, password } = server;
  const credentials = { host: '127.0.0.1', port: standIn.port, database: 'postgres', username, password };
  const given = { config: { credentials, ...config }, url: null, datasetName: `failures_${datasets}`, directory: '/' };
  const bench = await openBench({ definition: redshift, given, ...(now === undefined ? {} : { now }) });
  try {
    await work(bench);
  } finally {
    await bench.close();
  }
}

const throughS3 = () => ({
  s3_staging: 's3://staging/loads',
  s3_endpoint: s3.endpoint,
  aws_region: 'us-east-1',
  aws_access_key_id: 'id',
  aws_secret_access_key: 'secret',
});

describe('A connection to the Redshift stand-in that is lost', () => {
  test.each([
    ['before the commit', 'COMMIT', 'before'],
    ['while the commit is answered', 'COMMIT', 'after'],
    ['after the commit', 'DROP TABLE IF EXISTS', 'before'],
    ['while rows are copied', 'COPY "_staged', 'after'],
    ['while it waits for the table', 'LOCK TABLE', 'after'],
  ] as const)('%s leaves every row once, appended ones too', async (_when, words, moment) => {
    await withBench({ ...throughS3(), port: proxy.port }, async (bench) => {
      await loadOne(bench, { loadId: 'load-1' });
      const cutsBefore = proxy.cuts();
      proxy.cutAt(words, moment);
      await loadOne(bench, { loadId: 'load-2' });
      expect(proxy.cuts()).toBe(cutsBefore + 1);
      await expectLoads(bench, ['load-1', 'load-2']);
      proxy.cutAt(words, moment);
      await loadOne(bench, { loadId: 'load-3', write: append });
      const rows = await bench.session.query({ sql: `SELECT _load_id FROM ${bench.session.qualified('reports')} ORDER BY 1` });
      expect(rows.map((row) => row['_load_id'])).toEqual(['load-2', 'load-3']);
    });
  });
});

const serviceError = (error: string, code: number) => `
  -----------------------------------------------
  error:  ${error}
  code:      ${code}
  context:   node: 1
  query:     672099
  -----------------------------------------------`;

describe('What the Redshift stand-in refuses as the service does, under one SQLSTATE for everything,', () => {
  test.each([
    ['COMMIT', 'Disk Full', serviceError('Disk Full', 1016), 'disk_full', true],
    ['COPY', 'Disk Full', serviceError('Disk Full', 1016), 'disk_full', true],
    [
      'COMMIT',
      'Transaction 123 is aborted due to exceeding the disk space quota in schema(s): (Schema: ads).',
      '',
      'out_of_resources',
      true,
    ],
    [
      'COPY',
      'S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid D14F284FE3B45734,CanRetry 1',
      serviceError('S3ServiceException:Access Denied,Status 403,Error AccessDenied', 8001),
      'permission',
      false,
    ],
    ['COPY', 'S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown', '', 'staging_unreadable', true],
    ['COPY', "Load into table '_staged' failed. Check 'stl_load_errors' system table for details.", '', 'load_refused', false],
    [
      'COPY',
      "Load into table '_staged' failed. Check 'sys_load_error_detail' for details.",
      'query: 1023',
      'load_refused',
      false,
    ],
    ['COPY', 'Spectrum Scan Error', serviceError('Spectrum Scan Error', 15001), 'load_refused', false],
    ['COMMIT', 'Query (12) cancelled by WLM abort action of Query Monitoring Rule "long"', '', 'out_of_resources', true],
    ['COPY', 'Assert', serviceError('Assert', 1000), 'XX000', false],
  ])('%s: %s … is told apart, and the next run gives the true tables', async (words, message, detail, code, retryable) => {
    await withBench(throughS3(), async (bench) => {
      const error = await expectFailureThenSuccess(
        bench,
        { code, retryable },
        { cause: () => standIn.refuse(words, { message, detail }) },
      );
      expect(String(error)).toContain(message);
      expect(String(error)).not.toContain('secret');
    });
  });

  test('a violation of serializable isolation, is tried again at once, and only so often', async () => {
    const refusal = {
      message: '1023',
      detail:
        'Serializable isolation violation on table - 119371, transactions forming the cycle are: 1745830, 1745762 (pid:15021)',
    };
    await withBench({}, async (bench) => {
      await loadOne(bench, { loadId: 'load-1' });
      standIn.refuse('COMMIT', refusal);
      await loadOne(bench, { loadId: 'load-2' });
      await expectLoads(bench, ['load-1', 'load-2']);
    });
    await withBench({}, async (bench) => {
      await expectFailureThenSuccess(
        bench,
        { code: 'conflict', retryable: true, message: expect.stringContaining('119371') },
        { cause: () => standIn.refuse('COMMIT', refusal, 3) },
      );
    });
  });
});

describe('A table of the Redshift stand-in that another session has locked', () => {
  test('is waited for up to the limit; the error names the table and how to find who holds it', async () => {
    await withBench({ lock_timeout_seconds: 0.3 }, async (bench) => {
      const startedAt = Date.now();
      await expectFailureThenSuccess(
        bench,
        {
          code: 'destination_locked',
          retryable: true,
          message: expect.stringContaining(bench.session.qualified('reports')),
          hint: expect.stringMatching(/svv_transactions.*pg_terminate_backend.*lock_timeout_seconds/),
        },
        { cause: () => lockReports(admin, bench), mend: () => admin.query('COMMIT') },
      );
      expect(Date.now() - startedAt).toBeLessThan(5000);
      // The limit was for the waiting only.
      expect(await bench.session.query({ sql: 'SHOW statement_timeout' })).toEqual([{ statement_timeout: '0' }]);
    });
  });

  test('is waited for as long as the limit lets it', async () => {
    await withBench({ lock_timeout_seconds: 30 }, async (bench) => {
      await loadOne(bench, { loadId: 'load-1' });
      await lockReports(admin, bench);
      setTimeout(() => void admin.query('COMMIT'), 300);
      await loadOne(bench, { loadId: 'load-2' });
      await expectLoads(bench, ['load-1', 'load-2']);
    });
  });

  test('is not changed for longer than the limit either, when it needs a new column', async () => {
    await withBench({ lock_timeout_seconds: 0.3 }, async (bench) => {
      await loadOne(bench);
      await lockReports(admin, bench);
      const columns = [...reportColumns, { name: 'new_metric', type: 'count' as const }];
      const staged = await bench.stage(columns, [[...reportRow, '42']]);
      const failed = loadOne(bench, { staged, loadId: 'load-2' });
      await expect(failed).rejects.toMatchObject({ code: 'destination_locked', message: expect.stringContaining('ALTER TABLE') });
      await admin.query('COMMIT');
      expect(await loadOne(bench, { staged, loadId: 'load-2' })).toMatchObject({ addedColumns: ['new_metric'] });
      await expectLoads(bench, ['load-1', 'load-2']);
    });
  });

  test('does not keep a cancelled run', async () => {
    await withBench({}, async (bench) => {
      await loadOne(bench);
      await lockReports(admin, bench);
      setTimeout(() => bench.abort.abort(new Error('cancelled')), 100);
      await expect(loadOne(bench, { loadId: 'load-2' })).rejects.toThrow('cancelled');
      await admin.query('COMMIT');
    });
  });
});

describe('Rows that the Redshift stand-in gets by statements', () => {
  test('go in statements below the service’s limit, however long their texts', async () => {
    const columns = [...reportColumns, { name: 'words', type: 'text' as const }];
    const relation = '"memory"."main"."long_rows"';
    await withBench({ port: proxy.port }, async (bench) => {
      await bench.connection.run(
        `CREATE TABLE ${relation} AS SELECT '${advertiser}' AS advertiser_id, DATE '2024-01-02' AS stat_time_day, ` +
          "CAST(i AS VARCHAR) AS campaign_id, CAST(1 AS BIGINT) AS clicks, CAST(1 AS DECIMAL(18,6)) AS spend, repeat('ü', 30000) AS words FROM range(400) r(i)",
      );
      proxy.measure();
      await loadOne(bench, { staged: { relation, columns, rowCount: 400 } });
      expect(proxy.longest()).toBeGreaterThan(4_000_000);
      expect(proxy.longest()).toBeLessThan(9_000_000);
      const [found] = await bench.session.query({
        sql: `SELECT COUNT(*) AS row_count, SUM(LENGTH(words)) AS letters FROM ${bench.session.qualified('reports')}`,
      });
      expect(found).toEqual({ row_count: 400, letters: 12_000_000 });
    });
  });
});

describe('A text that is longer than Redshift holds', () => {
  test.each([
    ['words', 'text', 'ü'.repeat(32_768), '65,536', '65,535'],
    ['list', 'json', `["${'x'.repeat(65_532)}"]`, '65,536', '65,535'],
    ['campaign_id', 'id', 'x'.repeat(257), '257', '256'],
  ] as const)('in %s is refused before it is sent, with column, length and limit', async (name, type, value, bytes, limit) => {
    await withBench(throughS3(), async (bench) => {
      await loadOne(bench, { loadId: 'load-1' });
      const others = reportColumns.filter((column) => column.name !== name);
      const row = reportRow.filter((_, at) => reportColumns[at]?.name !== name);
      const staged = await bench.stage([...others, { name, type }], [[...row, value]]);
      await expect(loadOne(bench, { staged, loadId: 'load-2' })).rejects.toMatchObject({
        code: 'text_too_long',
        retryable: false,
        message: expect.stringMatching(new RegExp(`reports\\.${name}.*${bytes} bytes.*Redshift.*${limit} bytes`)),
        hint: expect.any(String),
      });
      await loadOne(bench, { loadId: 'load-2' });
      await expectLoads(bench, ['load-1', 'load-2']);
    });
  });
});

describe('Staged files in the emulated S3', () => {
  const keys = async () =>
    ((await bucket.send(new ListObjectsV2Command({ Bucket: 'staging' }))).Contents ?? []).map(({ Key }) => Key).sort();

  test('of a load that failed are gone', async () => {
    await withBench(throughS3(), async (bench) => {
      standIn.refuse('COPY', { message: 'Disk Full' });
      await expect(loadOne(bench)).rejects.toMatchObject({ code: 'disk_full' });
      expect(await keys()).toEqual([]);
    });
  });

  test('of a run that was killed are removed by a later one, and nothing else is', async () => {
    const left = 'loads/dagster-tiktok-ads-staged-0123456789abcdef01234567.parquet';
    const others = [
      'loads/others.parquet',
      'loads/sub/dagster-tiktok-ads-staged-1.parquet',
      'dagster-tiktok-ads-staged-1.parquet',
    ];
    for (const Key of [left, ...others]) await bucket.send(new PutObjectCommand({ Bucket: 'staging', Key, Body: 'x' }));
    // It might belong to a run that loads just now.
    await withBench(throughS3(), (bench) => loadOne(bench));
    expect(await keys()).toContain(left);
    await withBench(
      throughS3(),
      (bench) => loadOne(bench),
      () => Date.now() + 2 * 3600 * 1000,
    );
    expect(await keys()).toEqual([...others].sort());
  });

  test('that may not be listed keep nobody from loading', async () => {
    const closed = { ...throughS3(), s3_staging: 's3://no-such-bucket/x' };
    await withBench(closed, async (bench) => {
      await expect(loadOne(bench)).rejects.toMatchObject({ code: 'permission' });
      expect(bench.logged).toEqual([expect.stringContaining('could not be removed')]);
    });
  });
});
