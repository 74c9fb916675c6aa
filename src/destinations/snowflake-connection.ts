import snowflakeSdk, { type Column, type Connection, type RowStatement } from 'snowflake-sdk';
import { createQueue, type Queue } from '../queue.ts';
import type { ConnectEnvironment, SqlValue, Statement } from './destination.ts';
import type { SnowflakeOptions } from './snowflake.ts';
import { snowflakeError } from './snowflake-errors.ts';

export type Row = Readonly<Record<string, SqlValue>>;
export type Run = (statement: Statement) => Promise<readonly Row[]>;
/** Hands over rows while the driver fetches them, values in the order of the columns. */
export type Stream = (statement: Statement, take: (rows: AsyncIterable<readonly SqlValue[]>) => Promise<void>) => Promise<void>;

/** One session of the service. It runs one statement at a time, so work that belongs together waits its turn as a whole. */
export interface SnowflakeConnection {
  readonly exclusive: <T>(work: (run: Run, stream: Stream) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

export async function openConnection(options: SnowflakeOptions, environment: ConnectEnvironment): Promise<SnowflakeConnection> {
  // By default the driver writes its log into the working directory.
  snowflakeSdk.configure({ logLevel: 'OFF', additionalLogToConsole: false, customLogger: silent });
  const queue: Queue = createQueue();
  const opened = (): Promise<Connection> => unlessAborted(connect(options), environment.signal);
  let current: Connection | null = await opened();

  const exclusive = async <T>(work: (run: Run, stream: Stream) => Promise<T>): Promise<T> => {
    const { signal } = environment;
    signal.throwIfAborted();
    current ??= await opened();
    const connection = current;
    const told = async <T>(statement: Statement, working: () => Promise<T>): Promise<T> => {
      try {
        return await working();
      } catch (error) {
        throw snowflakeError(error, options, statement.sql);
      }
    };
    const context = { options, signal };
    try {
      return await work(
        (statement) => told(statement, () => run(connection, statement, context)),
        (statement, take) => told(statement, async () => take(await stream(connection, statement, context))),
      );
    } catch (error) {
      signal.throwIfAborted();
      const failure = snowflakeError(error, options, null);
      if (failure.code === 'connection_lost') current = null;
      throw failure;
    }
  };
  return {
    exclusive: (work) => queue(() => exclusive(work)),
    close: () =>
      queue(async () => {
        const connection = current;
        current = null;
        // A session that is gone already needs no good-bye.
        if (connection !== null) await new Promise<void>((resolve) => connection.destroy(() => resolve()));
      }),
  };
}

/** The driver's login cannot be stopped, but need not be waited for. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

const silent = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  trace: () => undefined,
};

function connect(options: SnowflakeOptions): Promise<Connection> {
  const connection = newConnection(options);
  return new Promise((resolve, reject) => {
    connection.connect((error, opened) => (error ? reject(snowflakeError(error, options, null)) : resolve(opened)));
  });
}

function newConnection(options: SnowflakeOptions): Connection {
  const { authenticator, keyOrToken } = login(options);
  try {
    return snowflakeSdk.createConnection({
      account: options.account,
      ...defined({
        username: options.username,
        database: options.database,
        schema: options.schema,
        warehouse: options.warehouse,
        role: options.role,
      }),
      ...defined({ accessUrl: options.access_url }),
      ...keyOrToken,
      authenticator,
      application: 'dagster-tiktok-ads',
      timeout: options.connect_timeout_seconds * 1000,
      sfRetryMaxLoginRetries: 3,
      clientSessionKeepAlive: true,
      fetchAsString: ['Number', 'JSON'],
      representNullAsStringNull: false,
    });
  } catch (error) {
    // The driver looks at keys before it connects.
    throw snowflakeError(error, options, null);
  }
}

function login(options: SnowflakeOptions) {
  const { password, private_key: key, private_key_path: privateKeyPath, private_key_passphrase: privateKeyPass, token } = options;
  // Keys come out of environment variables with their line ends written as two characters.
  const privateKey = key?.replaceAll('\\n', '\n');
  const hasKey = privateKey !== undefined || privateKeyPath !== undefined;
  const way = hasKey ? 'snowflake_jwt' : token === undefined ? 'snowflake' : 'oauth';
  const authenticator = (options.authenticator ?? way).toUpperCase();
  return { authenticator, keyOrToken: defined({ password, privateKey, privateKeyPath, privateKeyPass, token }) };
}

/** The entries that have a value. */
function defined<T extends Readonly<Record<string, string | undefined>>>(entries: T): { readonly [name in keyof T]?: string } {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as {
    readonly [name in keyof T]?: string;
  }; // Filtered just so.
}

interface RunContext {
  readonly options: SnowflakeOptions;
  readonly signal: AbortSignal;
}

async function run(connection: Connection, statement: Statement, context: RunContext): Promise<readonly Row[]> {
  const { finished, rows } = await execute(connection, statement, { ...context, streamResult: false });
  return rows.map((row) => plainRow(finished, row));
}

async function stream(
  connection: Connection,
  statement: Statement,
  context: RunContext,
): Promise<AsyncIterable<readonly SqlValue[]>> {
  const { finished } = await execute(connection, statement, { ...context, streamResult: true });
  const columns = finished.getColumns() ?? [];
  return finished
    .streamRows()
    .map((row: Readonly<Record<string, unknown>>) => columns.map((column) => plain(row[column.getName()], column)));
}

interface Executed {
  readonly finished: RowStatement;
  /** None if the result is to be streamed. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

function execute(
  connection: Connection,
  { sql, parameters = [] }: Statement,
  { options, signal, streamResult }: RunContext & { readonly streamResult: boolean },
): Promise<Executed> {
  return new Promise((resolve, reject) => {
    const statement = connection.execute({
      sqlText: sql,
      streamResult,
      ...(parameters.length === 0
        ? {}
        : { binds: parameters.map((value) => (typeof value === 'bigint' ? String(value) : value)) }),
      parameters: { LOCK_TIMEOUT: options.lock_timeout_seconds, STRICT_JSON_OUTPUT: true },
      complete: (error, finished, rows) => {
        signal.removeEventListener('abort', cancel);
        if (error) reject(error);
        else resolve({ finished, rows: rows ?? [] });
      },
    });
    const cancel = (): void => statement.cancel();
    signal.addEventListener('abort', cancel, { once: true });
  });
}

function plainRow(statement: Pick<RowStatement, 'getColumns'>, row: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(
    (statement.getColumns() ?? []).map((column) => [column.getName().toLowerCase(), plain(row[column.getName()], column)]),
  );
}

/** Whole numbers as numbers where exact; decimals, dates and times as text. */
function plain(value: unknown, column: Column): SqlValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  if (value instanceof Date)
    return column.isDate()
      ? value.toISOString().slice(0, 10)
      : value
          .toISOString()
          .replace('T', ' ')
          .replace(/\.?0*Z$/, '');
  const text = String(value);
  if (!column.isNumber()) return text;
  if (text.includes('.')) return text.replace(/\.?0+$/, '');
  if (column.getScale() > 0) return text;
  return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
}
