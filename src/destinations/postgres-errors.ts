import { DestinationError, IngestError, type IngestErrorOptions } from '../errors.ts';

/** Server and database as users know them; no secrets. */
export interface ServerName {
  readonly product: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
}

/** Says what the server or the network refused. Codes: PostgreSQL documentation, appendix A; Redshift uses the same. */
export function postgresError(error: unknown, server: ServerName, sql: string | null): IngestError {
  if (error instanceof IngestError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  const place = `${server.product} at ${server.host}:${server.port}`;
  const known = knownErrors(server).find(({ codes }) => codes.test(code));
  if (known !== undefined) {
    const { what, codes: _, code: stable, ...options } = known;
    return new DestinationError(`${place}: ${what} (${message})`, { ...options, code: stable, cause: error });
  }
  if (isConnectionLoss(message)) {
    return new DestinationError(`${place}: the connection was lost (${message})`, {
      code: 'connection_lost',
      retryable: true,
      cause: error,
    });
  }
  const statement = sql === null ? '' : ` (statement: ${shown(sql)})`;
  return new DestinationError(`${place} refused: ${message}${statement}`, { code: code === '' ? 'refused' : code, cause: error });
}

/** The beginning of a statement, without the keys that a COPY carries. */
function shown(sql: string): string {
  const safe = sql.replace(/(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN) '(?:[^']|'')*'/gi, "$1 '…'");
  return safe.length > 200 ? `${safe.slice(0, 200)}…` : safe;
}

export function isConnectionLost(error: unknown): boolean {
  return error instanceof DestinationError && error.code === 'connection_lost';
}

function codeOf(error: unknown): string {
  return error !== null && typeof error === 'object' && 'code' in error ? String(error.code ?? '') : '';
}

function isConnectionLoss(message: string): boolean {
  return /connection terminated|connection ended|not queryable|client was closed|socket (hang up|has been ended)|write after end/i.test(
    message,
  );
}

interface KnownError extends IngestErrorOptions {
  readonly codes: RegExp;
  readonly what: string;
  readonly code: string;
}

const knownErrors = (server: ServerName): readonly KnownError[] => [
  {
    codes: /^ECONNREFUSED$/,
    what: 'nothing listens there',
    code: 'unreachable',
    retryable: true,
    hint: 'Check `host` and `port` in `destination_config`, and that the server runs and lets this machine in.',
  },
  {
    codes: /^(ENOTFOUND|EAI_AGAIN)$/,
    what: 'there is no such host',
    code: 'unreachable',
    hint: 'Check `host` in `destination_config`.',
  },
  {
    codes: /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/,
    what: 'the server does not answer',
    code: 'unreachable',
    retryable: true,
    hint: 'Check `host` and `port` in `destination_config`, and firewalls between this machine and the server.',
  },
  { codes: /^(ECONNRESET|EPIPE|08...|57P0[1-3])$/, what: 'the connection was lost', code: 'connection_lost', retryable: true },
  {
    codes: /^(28P01|28000)$/,
    what: `user \`${server.username}\` was refused`,
    code: 'authentication',
    hint: 'Check `username`, `password` and `sslmode` in `destination_config`.',
  },
  {
    codes: /^3D000$/,
    what: `there is no database \`${server.database}\``,
    code: 'no_database',
    hint: 'Check `database` in `destination_config`.',
  },
  {
    codes: /^42501$/,
    what: `user \`${server.username}\` lacks a right`,
    code: 'permission',
    hint: 'Grant it as the page on this destination in the documentation shows.',
  },
  {
    codes: /^53100$/,
    what: 'its disk is full',
    code: 'disk_full',
    retryable: true,
    hint: 'Free some space on the server, then run again.',
  },
  { codes: /^53...$/, what: 'it is out of resources', code: 'out_of_resources', retryable: true },
  {
    codes: /^55P03$/,
    what: 'another session holds a lock on the table',
    code: 'destination_locked',
    retryable: true,
    hint: 'Let that session finish or end it; `lock_timeout_seconds` in `destination_config` sets how long to wait.',
  },
  {
    codes: /^(40001|40P01|XX000|42701|42P06|42P07|23505|1023)$/,
    what: 'two sessions got in each other’s way',
    code: 'conflict',
    retryable: true,
  },
  {
    codes: /^25006$/,
    what: 'the database is read-only',
    code: 'read_only',
    hint: 'Name the primary server in `destination_config`, not a replica.',
  },
];
