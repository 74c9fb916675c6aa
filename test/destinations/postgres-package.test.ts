import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { startPostgres } from './servers/postgres.ts';

test('The PostgreSQL of the tests starts from a copy where root alone may enter the checkout', async () => {
  const server = await startPostgres(null, true);
  onTestFinished(server.stop);
  const client = new Client({ connectionString: server.url });
  onTestFinished(() => client.end());
  await client.connect();
  const { rows } = await client.query<{ directory: string }>("SELECT current_setting('data_directory') AS directory");
  const database = String(rows[0]?.directory);
  const command = readFileSync(join(database, 'postmaster.opts'), 'utf8');
  expect(command).toContain(join(database, '..', 'node_modules'));
});
