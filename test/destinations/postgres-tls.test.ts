import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
// @ts-expect-error A script without types; it runs on Node versions that know no TypeScript.
import { emulatorPython, installEmulator } from '../../scripts/emulators.mjs';
import { postgres } from '../../src/destinations/postgres.ts';
import { openBench } from '../contract/destination-fixtures.ts';
import { type PostgresServer, startPostgres } from './servers/postgres.ts';

const directory = mkdtempSync(join(tmpdir(), 'tls-'));
let server: PostgresServer;
beforeAll(async () => {
  // The S3 emulator's Python has a library that makes certificates.
  await installEmulator('s3');
  execFileSync(emulatorPython('s3'), [join(import.meta.dirname, 'servers', 'certificates.py'), directory]);
  server = await startPostgres({ certificate: join(directory, 'server.pem'), key: join(directory, 'server.key') });
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

function open(options: Readonly<Record<string, unknown>>) {
  const config = { port: server.port, database: 'postgres', username: server.username, password: server.password, ...options };
  return openBench({ definition: postgres, given: { config, url: null, datasetName: 'tls', directory } });
}

const ca = join(directory, 'ca.pem');
const otherCa = join(directory, 'other-ca.pem');

describe('A PostgreSQL server with a certificate for localhost', () => {
  test.each([
    [{ host: '127.0.0.1', sslmode: 'disable' }, false],
    [{ host: '127.0.0.1', sslmode: 'prefer' }, true],
    [{ host: '127.0.0.1', sslmode: 'require' }, true],
    [{ host: '127.0.0.1', sslmode: 'verify-ca', sslrootcert: ca }, true],
    [{ host: 'localhost', sslmode: 'verify-full', sslrootcert: ca }, true],
  ])('is connected to with %j, encrypted: %s', async (options, encrypted) => {
    const { session, close } = await open(options);
    const rows = await session.query({ sql: 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()' });
    await close();
    expect(rows).toEqual([{ ssl: encrypted }]);
  });

  test.each([
    [{ host: '127.0.0.1', sslmode: 'verify-ca' }, /certificate/],
    [{ host: '127.0.0.1', sslmode: 'verify-ca', sslrootcert: otherCa }, /certificate/],
    [{ host: '127.0.0.1', sslmode: 'require', sslrootcert: otherCa }, /certificate/],
    [{ host: '127.0.0.1', sslmode: 'verify-full', sslrootcert: ca }, /127\.0\.0\.1/],
    [{ host: 'localhost', sslmode: 'verify-full', sslrootcert: '/nowhere/ca.pem' }, /sslrootcert/],
  ])('is refused with %j', async (options, words) => {
    await expect(open(options)).rejects.toThrow(words);
  });
});
