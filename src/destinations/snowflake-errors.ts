import { DestinationError, IngestError, type IngestErrorOptions } from '../errors.ts';
import type { SnowflakeOptions } from './snowflake.ts';

/** Says what Snowflake or the network refused. The driver's numbers are in its error messages, the service's in its documentation. */
export function snowflakeError(error: unknown, options: SnowflakeOptions, sql: string | null): IngestError {
  if (error instanceof IngestError) return error;
  const message = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ');
  const code = error !== null && typeof error === 'object' && 'code' in error ? String(error.code ?? '') : '';
  const place = `Snowflake account ${options.account}`;
  const known = knownErrors(options).find(({ pattern }) => pattern.test(`${code} ${message}`));
  if (known !== undefined) {
    const { what, pattern: _, ...rest } = known;
    return new DestinationError(`${place}: ${what} (${message})`, { ...rest, cause: error });
  }
  const statement = sql === null ? '' : ` (statement: ${sql.length > 200 ? `${sql.slice(0, 200)}…` : sql})`;
  return new DestinationError(`${place} refused: ${message}${statement}`, { code: code === '' ? 'refused' : code, cause: error });
}

interface KnownError extends IngestErrorOptions {
  readonly pattern: RegExp;
  readonly what: string;
  readonly code: string;
}

const knownErrors = (options: SnowflakeOptions): readonly KnownError[] => [
  {
    pattern:
      /^(390100|390144|390101|390195|390303|390318)\b|incorrect username or password|jwt token is invalid|invalid oauth access token/i,
    what: `user \`${options.username ?? ''}\` was refused`,
    code: 'authentication',
    hint: 'Check `username` and `password`, `private_key` or `token` in `destination_config`.',
  },
  {
    pattern: /^(404011|390422)\b|private key/i,
    what: 'the private key cannot be used',
    code: 'authentication',
    hint: 'Check `private_key`, `private_key_path` and `private_key_passphrase` in `destination_config`.',
  },
  {
    pattern: /^390189\b|role .* specified in the connect string .* not granted/i,
    what: `role \`${options.role ?? ''}\` is not granted to the user`,
    code: 'permission',
    hint: 'Check `role` in `destination_config`.',
  },
  {
    pattern: /no active warehouse/i,
    what: 'no warehouse is chosen',
    code: 'no_warehouse',
    hint: 'Set `warehouse` in `destination_config`, and grant its use to the role.',
  },
  {
    pattern: /^390913\b|free trial has ended|account (is|has been) suspended|lack of payment/i,
    what: 'the account is closed for want of payment',
    code: 'billing',
    hint: 'Add billing information in Snowflake, then run again.',
  },
  {
    pattern: /^090073\b|resource monitor|quota/i,
    what: 'its quota is used up',
    code: 'out_of_resources',
    hint: 'Raise the quota (`ALTER RESOURCE MONITOR … SET CREDIT_QUOTA`) or wait until it begins anew, or set another `warehouse` in `destination_config`.',
  },
  {
    pattern: /warehouse .*(was|been|is) suspended|warehouse .* cannot be resumed/i,
    what: `warehouse \`${options.warehouse ?? ''}\` is suspended`,
    code: 'unavailable',
    retryable: true,
    hint: 'Resume it, or let it resume by itself: `ALTER WAREHOUSE … SET AUTO_RESUME = TRUE`.',
  },
  {
    pattern: /has locked table|waiters for this lock|lock.*(timed? ?out|timeout)/i,
    what: 'another session holds a lock on the table',
    code: 'destination_locked',
    retryable: true,
    hint:
      'Let that session finish, or find it by `SHOW LOCKS IN ACCOUNT` and end it by `SELECT SYSTEM$ABORT_TRANSACTION(…)`; ' +
      '`lock_timeout_seconds` in `destination_config` sets how long to wait.',
  },
  {
    pattern: /transaction .*aborted|deadlock/i,
    what: 'two sessions got in each other’s way',
    code: 'conflict',
    retryable: true,
  },
  {
    pattern: /^000630\b|(statement|warehouse|queued) timeout/i,
    what: 'a statement took longer than it may',
    code: 'statement_timeout',
    retryable: true,
    hint:
      'Raise STATEMENT_TIMEOUT_IN_SECONDS or STATEMENT_QUEUED_TIMEOUT_IN_SECONDS of the user or the warehouse, take a larger warehouse, ' +
      'or load fewer days at once.',
  },
  {
    pattern: /^000604\b|sql execution canceled/i,
    what: 'somebody canceled the statement',
    code: 'canceled',
    retryable: true,
  },
  {
    pattern: /insufficient privileges|does not exist or not authorized|^(003001|002003)\b/i,
    what: 'an object is missing, or the role has no right to it',
    code: 'permission',
    hint: 'Grant it as the page on this destination in the documentation shows.',
  },
  {
    pattern:
      /^(40700[12]|390111|390112|390114)\b|terminated connection|session no longer exists|authentication token has expired/i,
    what: 'the session has ended',
    code: 'connection_lost',
    retryable: true,
  },
  {
    pattern: /could not reach snowflake|network error|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|^(401001|402001|405503)\b/i,
    what: 'the service cannot be reached',
    code: 'connection_lost',
    retryable: true,
    hint: 'Check `account` in `destination_config`, and the network between this machine and Snowflake.',
  },
];
