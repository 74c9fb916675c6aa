import { DestinationError, IngestError, type IngestErrorOptions } from '../errors.ts';

/** Says what BigQuery or the network refused, by the reason that the service gives. */
export function bigqueryError(error: unknown, project: string | null, sql: string | null): IngestError {
  if (error instanceof IngestError) return error;
  const message = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ');
  const reason = reasonOf(error);
  const place = project === null ? 'BigQuery' : `BigQuery project ${project}`;
  const known = knownErrors.find(({ pattern }) => pattern.test(`${reason} ${message}`));
  if (known !== undefined) {
    const { what, pattern: _, ...rest } = known;
    return new DestinationError(`${place}: ${what} (${message})`, { ...rest, cause: error });
  }
  const statement = sql === null ? '' : ` (statement: ${sql.length > 200 ? `${sql.slice(0, 200)}…` : sql})`;
  return new DestinationError(`${place} refused: ${message}${statement}`, {
    code: reason === '' ? 'refused' : reason,
    cause: error,
  });
}

export function statusOf(error: unknown): number | null {
  const code = error !== null && typeof error === 'object' && 'code' in error ? error.code : null;
  return typeof code === 'number' ? code : null;
}

function reasonOf(error: unknown): string {
  if (error === null || typeof error !== 'object') return '';
  const first = 'errors' in error && Array.isArray(error.errors) ? error.errors[0] : null;
  if (first !== null && typeof first === 'object' && 'reason' in first) return String(first.reason);
  return 'code' in error ? String(error.code) : '';
}

interface KnownError extends IngestErrorOptions {
  readonly pattern: RegExp;
  readonly what: string;
  readonly code: string;
}

const knownErrors: readonly KnownError[] = [
  {
    pattern: /^(resourceInUse|tableUnavailable)\b|concurrent update|aborted due to|could not serialize|transaction conflict/i,
    what: 'another session changed the table at the same time',
    code: 'conflict',
    retryable: true,
  },
  {
    pattern: /^(rateLimitExceeded|jobRateLimitExceeded)\b|exceeded rate limits/i,
    what: 'too many changes in a short time',
    code: 'conflict',
    retryable: true,
  },
  {
    pattern: /^(quotaExceeded|billingTierLimitExceeded)\b|quota exceeded/i,
    what: 'its quota is used up',
    code: 'out_of_resources',
    retryable: true,
    hint: 'Run again when the quota begins anew, or raise it on the page IAM & Admin → Quotas of the project.',
  },
  {
    pattern: /^billingNotEnabled\b|billing has not been enabled|free tier/i,
    what: 'the project has no billing, and loads need it',
    code: 'billing',
    hint: 'Link a billing account to the project, then run again.',
  },
  {
    pattern: /^blocked\b/i,
    what: 'the service has closed the project for a while',
    code: 'unavailable',
    retryable: true,
    hint: 'Run again later; Google Cloud’s support can say why.',
  },
  {
    pattern: /^(resourcesExceeded|responseTooLarge)\b|resources exceeded during query/i,
    what: 'the statement needs more than one query may have',
    code: 'resources_exceeded',
    hint: 'Load fewer days or accounts at once.',
  },
  {
    pattern: /^stopped\b|job execution was cancelled/i,
    what: 'somebody stopped the job',
    code: 'canceled',
    retryable: true,
  },
  {
    pattern:
      /could not load the default credentials|unable to detect a project id|invalid_grant|invalid authentication credentials|^(401|authError)\b|DECODER|private key/i,
    what: 'the credentials were refused',
    code: 'authentication',
    hint: 'Give `credentials_path` or the service account’s JSON in `destination_config.credentials`, or set up application default credentials.',
  },
  {
    pattern: /^(accessDenied|403)\b|permission .* denied|does not have .* permission/i,
    what: 'the account lacks a right',
    code: 'permission',
    hint: 'Grant it as the page on this destination in the documentation shows.',
  },
  {
    pattern: /ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|socket hang up|^(backendError|internalError|503|502|500)\b/i,
    what: 'the service cannot be reached or failed',
    code: 'connection_lost',
    retryable: true,
    hint: 'Check the network between this machine and Google Cloud, then run again.',
  },
];
