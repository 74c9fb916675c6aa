import { DestinationError } from '../errors.ts';
import type { Statement } from './destination.ts';
import type { Exclusive } from './postgres-connection.ts';
import { statementCanceled } from './postgres-errors.ts';
import { inTransaction } from './postgres-session.ts';
import type { RedshiftOptions } from './redshift.ts';

type LockOptions = Pick<RedshiftOptions, 'host' | 'port' | 'lock_timeout_seconds'>;

/** Statements that do little but wait until nobody else has the table. */
const waits = /^\s*(LOCK|ALTER|DROP|CREATE|COMMENT)\b/i;

/**
 * A transaction that waits for other sessions' locks no longer than the limit. Redshift has no `lock_timeout`, so the statements that take
 * locks, which come first, run under a `statement_timeout`; what moves rows then takes as long as the user's own setting lets it.
 */
export async function inBoundedTransaction(
  own: Pick<Exclusive, 'run'>,
  statements: readonly Statement[],
  options: LockOptions,
): Promise<void> {
  const moving = statements.findIndex(({ sql }) => !waits.test(sql));
  const waiting = moving === -1 ? statements : statements.slice(0, moving);
  if (waiting.length === 0) return inTransaction(own, statements);
  await own.run(limitStatements(options.lock_timeout_seconds));
  try {
    const bounded = waiting.map(({ sql }) => sql);
    const run: Exclusive['run'] = (statement) =>
      own.run(statement).catch((error: unknown) => {
        throw bounded.includes(statement.sql) ? asLocked(error, statement.sql, options) : error;
      });
    await inTransaction({ run }, [...waiting, unlimitStatements(), ...statements.slice(waiting.length)]);
  } catch (error) {
    // A rollback brings the limit back; where the connection is gone, so is the limit.
    await own.run(unlimitStatements()).catch(() => undefined);
    throw error;
  }
}

export function limitStatements(seconds: number): Statement {
  // No time at all would mean no limit.
  return { sql: `SET statement_timeout TO ${Math.max(1, Math.round(seconds * 1000))}` };
}

export function unlimitStatements(): Statement {
  return { sql: 'RESET statement_timeout' };
}

function asLocked(error: unknown, sql: string, { host, port, lock_timeout_seconds: seconds }: LockOptions): unknown {
  if (!(error instanceof DestinationError) || error.code !== statementCanceled) return error;
  return new DestinationError(
    `Redshift at ${host}:${port}: another session holds a lock on the table for more than ${seconds} s (statement: ${sql})`,
    {
      code: 'destination_locked',
      retryable: true,
      hint:
        "Let that session finish, or find it by `SELECT pid, txn_owner, txn_start, lock_mode, relation FROM svv_transactions WHERE granted = 't'` and end it " +
        'by `SELECT pg_terminate_backend(pid)`. `lock_timeout_seconds` in `destination_config` sets how long to wait.',
      cause: error,
    },
  );
}
