import { DuckDBInstance } from '@duckdb/node-api';
import { duckdb } from '../../src/destinations/duckdb.ts';
import { load } from '../../src/load/load.ts';
import { advertiser, deleteInsert, january, reportColumns, reports, request, scope } from '../contract/destination-fixtures.ts';

/**
 * Another process on the same DuckDB file. `hold MS`: keeps the file's lock that long. `load PREFIX ACCOUNT COUNT ROWS`: loads the
 * same window that many times, each time with `load number` clicks in every row, and says when it begins, after each load, and when it is done.
 */
const [path = '', task = '', ...words] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:');
const staging = await instance.connect();

if (task === 'hold') {
  await staging.run(`ATTACH '${path}' AS held`);
  process.stdout.write('ready\n');
  setTimeout(() => process.exit(0), Number(words[0]));
} else {
  const [prefix = '', account = advertiser, count = '1', rows = '1'] = words;
  const given = { config: { credentials: path, lock_timeout_seconds: 60 }, url: null, datasetName: 'shared', directory: '.' };
  const options = duckdb.options.parse(duckdb.optionsFrom(given));
  const signal = new AbortController().signal;
  const session = await duckdb.connect(options, { staging, directory: '.', signal, now: Date.now, log: () => undefined });
  process.stdout.write('ready\n');
  for (let number = 1; number <= Number(count); number += 1) {
    const relation = `"memory"."main"."staged_${number}"`;
    await staging.run(
      `CREATE TABLE ${relation} AS SELECT '${account}' AS advertiser_id, DATE '2024-01-01' AS stat_time_day, ` +
        `CAST(i AS VARCHAR) AS campaign_id, CAST(${number} AS BIGINT) AS clicks, CAST(i AS DECIMAL(18,6)) AS spend FROM range(${rows}) r(i)`,
    );
    const staged = { relation, columns: reportColumns, rowCount: Number(rows) };
    const scopes = [scope(account, january, Number(rows))];
    await load(session, request({ table: reports, staged, write: deleteInsert, scopes, loadId: `${prefix}-${number}` }));
    await staging.run(`DROP TABLE ${relation}`);
    process.stdout.write('loaded\n');
  }
  await session.close();
  process.stdout.write('done\n');
}
