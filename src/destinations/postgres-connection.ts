import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { ConfigError } from '../errors.ts';
import { createQueue } from '../queue.ts';
import type { ConnectEnvironment, SqlValue, Statement } from './destination.ts';
import { isConnectionLost, type KnownError, postgresError, type ServerName } from './postgres-errors.ts';
import type { ServerOptions } from './postgres-options.ts';
import { streamRows } from './postgres-rows.ts';

export type Row = Readonly<Record<string, SqlValue>>;

/** What may be done while nobody else uses the connection. */
export interface Exclusive {
  readonly run: (statement: Statement) => Promise<readonly Row[]>;
  /** Feeds a file to a `COPY … FROM STDIN`. */
  readonly copy: (sql: string, file: string) => Promise<void>;
  /** Writes what a `COPY … TO STDOUT` gives into a file. */
  readonly copyOut: (sql: string, file: string) => Promise<void>;
  /** Hands over rows as the server sends them, values as the server's texts; no more are read than are taken. */
  readonly stream: (statement: Statement, take: (rows: AsyncIterable<readonly SqlValue[]>) => Promise<void>) => Promise<void>;
}

/** One connection, used by one piece of work at a time, and opened again if it was lost. */
export interface PostgresConnection {
  readonly exclusive: <T>(work: (exclusive: Exclusive) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

interface ConnectionRequest {
  readonly product: string;
  readonly options: ServerOptions;
  readonly environment: ConnectEnvironment;
  /** Run on every new connection. */
  readonly settings: readonly string[];
  /** Errors that only this product has. */
  readonly errors?: readonly KnownError[];
}

/** A server that restarts is back within seconds; the first connection is not tried again, so that a wrong host fails at once. */
const reconnectDelaysMs = [200, 500, 1000, 2000, 4000, 8000];

export async function openConnection({
  product,
  options,
  environment,
  settings,
  errors = [],
}: ConnectionRequest): Promise<PostgresConnection> {
  const { signal } = environment;
  const server: ServerName = {
    product,
    host: options.host,
    port: options.port,
    database: options.database,
    username: options.username,
    errors,
  };
  const queue = createQueue();
  let current: pg.Client | null = await connect(options, server, settings);

  const reconnect = async (): Promise<pg.Client> => {
    for (const delayMs of reconnectDelaysMs) {
      try {
        return await connect(options, server, settings);
      } catch {
        await sleep(delayMs, undefined, { signal });
      }
    }
    return connect(options, server, settings);
  };

  const exclusive = async <T>(work: (exclusive: Exclusive) => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    current ??= await reconnect();
    const client = current;
    const cancel = (): void => void cancelRunning(client, options);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await work({
        run: async (statement) => {
          try {
            return await run(client, statement);
          } catch (error) {
            throw postgresError(error, server, statement.sql);
          }
        },
        copy: async (sql, file) => {
          try {
            await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), client.query(copyFrom(sql)));
          } catch (error) {
            throw postgresError(error, server, sql);
          }
        },
        copyOut: async (sql, file) => {
          try {
            await pipeline(client.query(copyTo(sql)), createWriteStream(file));
          } catch (error) {
            throw postgresError(error, server, sql);
          }
        },
        stream: async (statement, take) => {
          try {
            await take(streamRows(client, statement));
          } catch (error) {
            throw postgresError(error, server, statement.sql);
          }
        },
      });
    } catch (error) {
      if (isConnectionLost(error)) {
        current = null;
        await client.end().catch(() => undefined);
      }
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };

  return {
    exclusive: (work) => queue(() => exclusive(work)),
    close: () =>
      queue(async () => {
        // A connection that is gone needs no good-bye.
        await current?.end().catch(() => undefined);
        current = null;
      }),
  };
}

async function connect(options: ServerOptions, server: ServerName, settings: readonly string[]): Promise<pg.Client> {
  const choices = tlsChoices(options);
  for (const [at, ssl] of choices.entries()) {
    const client = clientFor(options, ssl);
    try {
      await client.connect();
      for (const sql of settings) await client.query(sql);
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      const withoutTls = error instanceof Error && /does not support SSL/i.test(error.message);
      if (!withoutTls || at === choices.length - 1) throw postgresError(asTimeout(error), server, null);
    }
  }
  throw new ConfigError('destination_config.sslmode leaves no way to connect.');
}

/** The driver's own time-out carries no code. */
function asTimeout(error: unknown): unknown {
  const timedOut = error instanceof Error && /timeout expired/i.test(error.message);
  return timedOut ? Object.assign(new Error(error.message), { code: 'ETIMEDOUT' }) : error;
}

function clientFor(options: ServerOptions, ssl: ConnectionOptions | false): pg.Client {
  const client = new pg.Client({
    host: options.host,
    port: options.port,
    database: options.database,
    user: options.username,
    ...(options.password === undefined ? {} : { password: options.password }),
    ssl,
    connectionTimeoutMillis: options.connect_timeout_seconds * 1000,
    application_name: 'dagster-tiktok-ads',
    keepAlive: true,
    types: { getTypeParser },
  });
  // Without a listener a connection lost between statements would end the process; the next statement reports it.
  client.on('error', () => undefined);
  return client;
}

/** The encryptions to try, in order. */
function tlsChoices({ sslmode, sslrootcert, sslcert, sslkey, host }: ServerOptions): readonly (ConnectionOptions | false)[] {
  const files = {
    ...(sslrootcert === undefined ? {} : { ca: pem('sslrootcert', sslrootcert) }),
    ...(sslcert === undefined ? {} : { cert: pem('sslcert', sslcert) }),
    ...(sslkey === undefined ? {} : { key: pem('sslkey', sslkey) }),
    // The name that the certificate is compared with; without it an address would be taken for localhost.
    host,
  };
  switch (sslmode) {
    case 'disable':
      return [false];
    case 'allow':
    case 'prefer':
      return [{ ...files, rejectUnauthorized: false }, false];
    case 'require':
      // With a root certificate at hand libpq checks against it, and so does this.
      return [{ ...files, rejectUnauthorized: sslrootcert !== undefined, checkServerIdentity: () => undefined }];
    case 'verify-ca':
      return [{ ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined }];
    case 'verify-full':
      return [{ ...files, rejectUnauthorized: true }];
  }
}

function pem(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(`destination_config.${parameter}: the file ${path} cannot be read.`, {
      cause,
      issues: [{ path: `destination_config.${parameter}`, message: `the file ${path} cannot be read` }],
    });
  }
}

async function run(client: pg.Client, { sql, parameters = [] }: Statement): Promise<readonly Row[]> {
  const result = await client.query<Record<string, SqlValue>>(sql, [...parameters]);
  return result.rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value])));
}

/** Whole numbers as numbers where exact; decimals, dates and times stay text. */
function getTypeParser(oid: number): (text: string) => SqlValue {
  switch (oid) {
    case pg.types.builtins.BOOL:
      return (text) => text === 't';
    case pg.types.builtins.INT2:
    case pg.types.builtins.INT4:
    case pg.types.builtins.INT8:
      return (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text));
    case pg.types.builtins.NUMERIC:
      return (text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
    case pg.types.builtins.FLOAT4:
    case pg.types.builtins.FLOAT8:
      return Number;
    default:
      return (text) => text;
  }
}

/** Asks the server to stop what this connection runs; if that cannot be asked, the connection is cut. */
async function cancelRunning(client: pg.Client, options: ServerOptions): Promise<void> {
  const { processID } = client as unknown as { readonly processID: number | null }; // The driver has it; its types leave it out.
  for (const ssl of tlsChoices(options)) {
    const other = clientFor({ ...options, connect_timeout_seconds: 3 }, ssl);
    try {
      await other.connect();
      await other.query('SELECT pg_cancel_backend($1)', [processID]);
      return;
    } catch {
      // The next choice, or the cut below.
    } finally {
      await other.end().catch(() => undefined);
    }
  }
  client.connection.stream.destroy();
}
