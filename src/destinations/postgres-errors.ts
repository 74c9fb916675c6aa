import { DestinationError, IngestError, type IngestErrorOptions } from '../errors.ts';

/** Server and database as users know them; no secrets. */
export interface ServerName {
  readonly product: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  /** What this product refuses in ways of its own; looked at first. */
  readonly errors?: readonly KnownError[];
}

/** Says what the server or the network refused. Codes: PostgreSQL documentation, appendix A; Redshift uses the same. */
export function postgresError(error: unknown, server: ServerName, sql: string | null): IngestError {
  if (error instanceof IngestError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  const place = `${server.product} at ${server.host}:${server.port}`;
  const statement = sql === null ? '' : ` (statement: ${shown(sql)})`;
  const detail = detailOf(error);
  const full = detail === null ? message : `${message}; ${detail}`;
  const known = [...(server.errors ?? []), ...knownErrors(server)].find(
    ({ codes, words }) => (codes?.test(code) ?? true) && (words?.test(full) ?? true),
  );
  if (known !== undefined) {
    const { what, codes: _, words, code: stable, tellsStatement, ...options } = known;
    const told = words === undefined ? message : full;
    return new DestinationError(`${place}: ${what} (${told})${tellsStatement === true ? statement : ''}`, {
      ...options,
      code: stable,
      cause: error,
    });
  }
  if (isConnectionLoss(message)) {
    return new DestinationError(`${place}: the connection was lost (${message})`, {
      code: 'connection_lost',
      retryable: true,
      cause: error,
    });
  }
  return new DestinationError(`${place} refused: ${full}${statement}`, { code: code === '' ? 'refused' : code, cause: error });
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

/** Redshift says there what has happened, over several lines. */
function detailOf(error: unknown): string | null {
  const detail = error !== null && typeof error === 'object' && 'detail' in error ? error.detail : null;
  return typeof detail === 'string' && detail !== '' ? detail.replace(/\s+/g, ' ').trim() : null;
}

function isConnectionLoss(message: string): boolean {
  return /connection terminated|connection ended|not queryable|client was closed|socket (hang up|has been ended)|write after end/i.test(
    message,
  );
}

/** Known by its code, by its words, or by both. */
export interface KnownError extends IngestErrorOptions {
  readonly codes?: RegExp;
  /** Of message and detail. */
  readonly words?: RegExp;
  /** The statement tells the user something, such as which table it is about. */
  readonly tellsStatement?: boolean;
  readonly what: string;
  readonly code: string;
}

/** Of an error that a time limit may have caused. */
export const statementCanceled = 'statement_canceled';

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
    tellsStatement: true,
    hint:
      'Let that session finish or end it: `SELECT l.relation::regclass, a.pid, a.usename, a.query FROM pg_locks l JOIN pg_stat_activity a USING (pid) ' +
      'WHERE l.granted` names it. `lock_timeout_seconds` in `destination_config` sets how long to wait.',
  },
  {
    // Two that make one table meet at its name (42P07), at an index of the catalogue (23505), or at the type of its rows (42710).
    codes: /^(40001|40P01|42701|42710|42P06|42P07|23505)$/,
    what: 'two sessions got in each other’s way',
    code: 'conflict',
    retryable: true,
  },
  {
    // The code of all that should not happen; these do when another session changes the same table's definition.
    codes: /^XX000$/,
    words: /tuple concurrently (updated|deleted)|cache lookup failed|could not open relation with oid/i,
    what: 'two sessions got in each other’s way',
    code: 'conflict',
    retryable: true,
  },
  {
    codes: /^57014$/,
    what: 'a statement took longer than it may, or somebody canceled it',
    code: statementCanceled,
    retryable: true,
    tellsStatement: true,
    hint: `If nobody canceled it: raise \`statement_timeout\` of user \`${server.username}\`, or load fewer days at once.`,
  },
  {
    codes: /^25006$/,
    what: 'the database is read-only',
    code: 'read_only',
    hint: 'Name the primary server in `destination_config`, not a replica.',
  },
];
