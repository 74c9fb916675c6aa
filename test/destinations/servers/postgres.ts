import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/loopback.ts';
import { embeddedPostgres } from './postgres-package.ts';

export interface PostgresServer {
  readonly port: number;
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly stop: () => Promise<void>;
}

/** Paths of PEM files. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
}

/**
 * A real PostgreSQL server of its own, on loopback, with an empty database `postgres`; it encrypts if it has a certificate.
 * `isClosed`: as if root alone could enter the checkout.
 */
export async function startPostgres(tls: ServerCertificate | null = null, isClosed?: boolean): Promise<PostgresServer> {
  const directory = mkdtempSync(join(tmpdir(), 'postgres-'));
  // Run by root, the server works as user postgres, who must be let in.
  chmodSync(directory, 0o777);
  const port = await freePort();
  const [username, password] = ['postgres', "se'cret@/#"];
  const EmbeddedPostgres = await embeddedPostgres(directory, isClosed);
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
      ...(tls === null ? [] : ['-c', 'ssl=on']),
    ],
    onLog: () => undefined,
  });
  await server.initialise();
  if (tls !== null) {
    const { uid, gid } = statSync(join(directory, 'database'));
    for (const [from, name] of [
      [tls.certificate, 'server.crt'],
      [tls.key, 'server.key'],
    ] as const) {
      const file = join(directory, 'database', name);
      copyFileSync(from, file);
      chownSync(file, uid, gid);
      chmodSync(file, 0o600);
    }
  }
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
