import { chownSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { destinationOptions } from '../../src/destinations/index.ts';
import { postgres } from '../../src/destinations/postgres.ts';
import { postgresError } from '../../src/destinations/postgres-errors.ts';
import { ConfigError, DestinationError } from '../../src/errors.ts';
import { ensureViews } from '../../src/load/views.ts';
import { append, type Bench, openBench, reportColumns, rowsOf } from '../contract/destination-fixtures.ts';
import { expectFailureThenSuccess, expectLoads, loadOne, lockReports, reportRow, stageMany } from '../contract/failures.ts';
import { type CuttingProxy, startCuttingProxy } from './servers/cutting-proxy.ts';
import { type PostgresServer, startPostgres } from './servers/postgres.ts';
import { makeSmallDisk } from './servers/small-disk.ts';

let server: PostgresServer;
let proxy: CuttingProxy;
let admin: pg.Client;
let datasets = 0;
beforeAll(async () => {
  server = await startPostgres();
  proxy = await startCuttingProxy(server.port);
  admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await proxy.stop();
  await server.stop();
});

function open(config: Record<string, unknown> = {}): Promise<Bench> {
  datasets += 1;
  const credentials = {
    host: '127.0.0.1',
    port: server.port,
    username: server.username,
    password: server.password,
    database: 'postgres',
  };
  const given = { config: { credentials, ...config }, url: null, datasetName: `failures_${datasets}`, directory: '/' };
  return openBench({ definition: postgres, given });
}

describe('A connection that is lost', () => {
  test.each([
    ['before the commit', 'COMMIT', 'before'],
    ['while the commit is answered', 'COMMIT', 'after'],
    ['while rows are inserted', 'INSERT INTO "failures', 'before'],
    ['while rows are copied', 'COPY pg_temp', 'after'],
    ['after the commit', 'DROP TABLE IF EXISTS', 'before'],
    ['while the schema is read', 'pg_catalog.pg_attribute', 'before'],
  ] as const)('%s leaves every row once, appended ones too', async (_when, words, moment) => {
    const bench = await open({ port: proxy.port });
    try {
      await loadOne(bench, { write: append });
      const cutsBefore = proxy.cuts();
      proxy.cutAt(words, moment);
      await loadOne(bench, { write: append, loadId: 'load-2' });
      expect(proxy.cuts()).toBe(cutsBefore + 1);
      expect(await rowsOf(bench.session, 'reports', ['_load_id'])).toEqual([['load-1'], ['load-2']]);
      expect(await rowsOf(bench.session, '_loads', ['load_id', 'status'])).toEqual([
        ['load-1', 'committed'],
        ['load-2', 'committed'],
      ]);
    } finally {
      await bench.close();
    }
  });

  test('because the server ended it between two loads is opened again', async () => {
    const bench = await open();
    try {
      await loadOne(bench);
      await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dagster-tiktok-ads'");
      await sleep(50);
      expect(await loadOne(bench, { loadId: 'load-2' })).toMatchObject({ rowsLoaded: 1 });
    } finally {
      await bench.close();
    }
  });
});

describe('A table that another session has locked', () => {
  test('is waited for up to the limit; the error names the table and how to find who holds it, and can be retried', async () => {
    const bench = await open({ lock_timeout_seconds: 0.2 });
    try {
      await expectFailureThenSuccess(
        bench,
        {
          code: 'destination_locked',
          retryable: true,
          message: expect.stringContaining(bench.session.qualified('reports')),
          hint: expect.stringMatching(/pg_locks.*lock_timeout_seconds/),
        },
        {
          cause: () => lockReports(admin, bench),
          mend: () => admin.query('COMMIT'),
        },
      );
    } finally {
      await bench.close();
    }
  });

  test('does not keep a cancelled run', async () => {
    const bench = await open();
    try {
      await loadOne(bench);
      await lockReports(admin, bench);
      const startedAt = Date.now();
      setTimeout(() => bench.abort.abort(new Error('cancelled')), 200);
      await expect(loadOne(bench, { loadId: 'load-2' })).rejects.toThrow('cancelled');
      expect(Date.now() - startedAt).toBeLessThan(4000);
      await admin.query('COMMIT');
    } finally {
      await bench.close();
    }
  });
});

describe('The server’s refusals', () => {
  test.each([
    [{ password: 'wrong' }, 'authentication', false],
    [{ username: 'nobody' }, 'authentication', false],
    [{ database: 'nowhere' }, 'no_database', false],
    [{ host: 'nowhere.invalid' }, 'unreachable', false],
    [{ port: 1 }, 'unreachable', true],
  ])('of %j are told in words and without the password', async (config, code, retryable) => {
    const error = await open(config).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DestinationError);
    expect(error).toMatchObject({ code, retryable, hint: expect.stringContaining('destination_config') });
    expect(String(error)).not.toContain('cret@');
    expect(String(error)).not.toContain('wrong');
  });

  test('of encryption end in an error where the mode insists on it, and not where it prefers it', async () => {
    await expect(open({ sslmode: 'require' })).rejects.toThrow(/SSL/);
    await expect(open({ sslmode: 'verify-full' })).rejects.toThrow(/SSL/);
    const bench = await open({ sslmode: 'prefer' });
    await bench.close();
  });

  test('of a statement that took longer than the user’s may tell the limit, and can be retried', async () => {
    await admin.query("CREATE ROLE hasty LOGIN PASSWORD 'hasty' SUPERUSER");
    await admin.query("ALTER ROLE hasty SET statement_timeout = '300ms'");
    const bench = await open({ username: 'hasty', password: 'hasty' });
    try {
      await expectFailureThenSuccess(
        bench,
        { code: 'statement_canceled', retryable: true, hint: expect.stringMatching(/statement_timeout.*hasty/) },
        {
          cause: () => lockReports(admin, bench),
          mend: () => admin.query('COMMIT'),
        },
      );
    } finally {
      await bench.close();
    }
  });

  test('of a user without rights name the user', async () => {
    await admin.query("CREATE ROLE reader LOGIN PASSWORD 'reader'");
    const bench = await open({ username: 'reader', password: 'reader' });
    try {
      await expect(loadOne(bench)).rejects.toMatchObject({ code: 'permission', message: expect.stringContaining('reader') });
      await admin.query(`CREATE SCHEMA failures_${datasets} AUTHORIZATION reader`);
      expect(await loadOne(bench)).toMatchObject({ created: true });
    } finally {
      await bench.close();
    }
  });

  test('of more space than the user may have leave the table as it was, and can be retried', async () => {
    await admin.query("CREATE ROLE small LOGIN PASSWORD 'small' SUPERUSER");
    const bench = await open({ username: 'small', password: 'small' });
    try {
      await loadOne(bench);
      await admin.query("ALTER ROLE small SET temp_file_limit = '64kB'");
      await admin.query("ALTER ROLE small SET work_mem = '64kB'");
      await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'small'");
      await sleep(50);
      const staged = await stageMany(bench, 200_000);
      await expect(loadOne(bench, { staged, loadId: 'load-2' })).rejects.toMatchObject({
        code: 'out_of_resources',
        retryable: true,
      });
      await expectLoads(bench, ['load-1']);
      await loadOne(bench, { loadId: 'load-2' });
      await expectLoads(bench, ['load-1', 'load-2']);
    } finally {
      await bench.close();
    }
  });

  const disk = makeSmallDisk(32);
  afterAll(() => disk?.remove());

  test.skipIf(disk === null)(
    'for want of room on its disk leave the tables as they were, and the next run gives the true ones',
    async () => {
      const { rows } = await admin.query<{ data_directory: string }>('SHOW data_directory');
      const { uid, gid } = statSync(String(rows[0]?.data_directory));
      chownSync(disk?.path ?? '', uid, gid);
      await admin.query(`CREATE TABLESPACE small_disk LOCATION '${disk?.path}'`);
      await admin.query("CREATE ROLE cramped LOGIN PASSWORD 'cramped' SUPERUSER");
      await admin.query('ALTER ROLE cramped SET default_tablespace = small_disk');
      const bench = await open({ username: 'cramped', password: 'cramped' });
      try {
        await expectFailureThenSuccess(
          bench,
          { code: 'disk_full', retryable: true, hint: expect.stringContaining('space') },
          {
            cause: () => disk?.fill(1000),
            attempt: async () => loadOne(bench, { staged: await stageMany(bench, 20_000), loadId: 'load-2' }),
            mend: () => disk?.free(),
          },
        );
      } finally {
        await bench.close();
        await admin.query(`DROP SCHEMA failures_${datasets} CASCADE`);
        await admin.query('DROP TABLESPACE small_disk');
      }
    },
  );

  test('to change a column under a view of the user’s own name that view and the way out', async () => {
    const bench = await open();
    try {
      await loadOne(bench);
      await admin.query(
        `CREATE VIEW ${bench.session.qualified('mine')} AS SELECT clicks FROM ${bench.session.qualified('reports')}`,
      );
      const columns = reportColumns.map((column) => (column.name === 'clicks' ? { ...column, type: 'text' as const } : column));
      const staged = await bench.stage(columns, [reportRow]);
      await expect(loadOne(bench, { staged, loadId: 'load-2' })).rejects.toMatchObject({
        code: 'column_type',
        message: expect.stringContaining('clicks'),
      });
      expect(await rowsOf(bench.session, 'reports', ['clicks'])).toEqual([[3]]);
    } finally {
      await bench.close();
    }
  });
});

describe('Views of many columns', () => {
  test('nest more fields than a function takes arguments', async () => {
    const bench = await open();
    try {
      const metrics = Array.from({ length: 120 }, (_, at) => ({ name: `metric_${at}`, type: 'count' as const }));
      const columns = [...reportColumns, ...metrics];
      const staged = await bench.stage(columns, [[...reportRow, ...metrics.map((_, at) => String(at))]]);
      await loadOne(bench, { staged });
      const names = metrics.map((metric) => metric.name);
      await ensureViews(bench.session, {
        reports: [{ table: 'reports', columns: names, dimensions: [], metrics: names }],
        assetView: null,
      });
      const found = await bench.session.query({
        sql: `SELECT metrics->>'metric_119' AS last FROM ${bench.session.qualified('reports_nested')}`,
      });
      expect(found).toEqual([{ last: '119' }]);
    } finally {
      await bench.close();
    }
  });
});

describe('The credentials', () => {
  test('may name a Unix socket as libpq has it, behind a user and without a host', async () => {
    const { rows } = await admin.query<{ unix_socket_directories: string }>('SHOW unix_socket_directories');
    const socket = encodeURIComponent(String(rows[0]?.unix_socket_directories));
    const user = `${server.username}:${encodeURIComponent(server.password)}`;
    for (const place of [`${user}@/postgres?host=${socket}&port=${server.port}`, `${user}@${socket}:${server.port}/postgres`]) {
      const bench = await open({ credentials: `postgresql://${place}` });
      expect(await loadOne(bench)).toMatchObject({ created: true });
      await bench.close();
    }
  });

  const parse = (config: Record<string, unknown> | null, url: string | null = null) =>
    destinationOptions('postgres', { config, url, datasetName: 'ads', directory: '/' });
  const same = {
    host: 'db.example.com',
    port: 5433,
    username: 'me',
    password: 'p@ss/word',
    database: 'shop',
    sslmode: 'require',
    dataset: 'ads',
  };

  test.each([
    [{ credentials: 'postgresql://me:p%40ss%2Fword@db.example.com:5433/shop?sslmode=require' }, null],
    [{ credentials: 'postgres://me:p%40ss%2Fword@db.example.com:5433/shop', sslmode: 'require' }, null],
    [{ credentials: 'postgresql+psycopg2://me:p%40ss%2Fword@db.example.com:5433/shop?sslmode=require' }, null],
    [
      {
        credentials: { user: 'me', password: 'p@ss/word', host: 'db.example.com', port: '5433', dbname: 'shop' },
        sslmode: 'require',
      },
      null,
    ],
    [
      {
        credentials:
          '{"username":"me","password":"p@ss/word","host":"db.example.com","port":5433,"database":"shop","sslmode":"require"}',
      },
      null,
    ],
    [{ host: 'db.example.com', port: 5433, username: 'me', password: 'p@ss/word', database: 'shop', sslmode: 'require' }, null],
    [null, 'postgresql://me:p%40ss%2Fword@db.example.com:5433/shop?sslmode=require'],
    [{ sslmode: 'require' }, 'postgresql://me:p%40ss%2Fword@db.example.com:5433/shop'],
  ])('can be written in any usual way (%#)', (config, url) => {
    expect(parse(config, url)).toMatchObject(same);
  });

  test.each([
    [{}, /host.*username|username.*host/],
    [{ credentials: 'mysql://me:hidden@host/db' }, /postgresql:\/\//],
    [{ credentials: 'postgresql://me:hid den@ho st/db' }, /percent-encoded/],
    [{ credentials: '{"password": "hidden"' }, /JSON/],
    [{ credentials: ['hidden'] }, /neither a URL nor a mapping/],
    [{ credentials: 'postgresql://me:hidden@host/db?sslmode=sometimes' }, /sslmode/],
    [{ credentials: 'postgresql://me:hidden@host/db', colour: 'hidden' }, /colour/],
  ])('are refused with the name of the parameter and without its value (%#)', (config, words) => {
    const refused = () => parse(config);
    expect(refused).toThrow(ConfigError);
    expect(refused).toThrow(words);
    expect(refused).not.toThrow(/hidden/);
  });
});

test('A table that another session makes at the same moment is a conflict, which is tried again, also where its type is met first', async () => {
  await admin.query('CREATE TYPE met_first AS ENUM ()');
  const sql = 'CREATE TABLE IF NOT EXISTS met_first (id text)';
  const error = await admin.query(sql).catch((caught: unknown) => caught);
  const place = { product: 'PostgreSQL', host: 'localhost', port: server.port, database: 'postgres', username: server.username };
  expect(error).toMatchObject({ code: '42710' });
  expect(postgresError(error, place, sql)).toMatchObject({ code: 'conflict', retryable: true });
});
