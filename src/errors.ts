/** Who can mend an error: the user's YAML, TikTok's side, the warehouse's side, or this program. */
export type ErrorKind = 'config' | 'source' | 'destination' | 'internal';

export interface IngestErrorOptions {
  /** A stable word or API code for programs, e.g. `40105` or `destination_locked`. */
  readonly code?: string;
  /** True if running the same thing again can succeed. Dagster's RetryPolicy acts on it. */
  readonly retryable?: boolean;
  /** What the user does about it, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** Every error that reaches a user: message says what happened and where, hint says what to do. Never holds a secret. */
export abstract class IngestError extends Error {
  abstract readonly kind: ErrorKind;
  readonly code: string | undefined;
  readonly retryable: boolean;
  readonly hint: string | undefined;

  constructor(message: string, options: IngestErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.retryable = options.retryable ?? false;
    this.hint = options.hint;
  }
}

/** One mistake in the configuration. */
export interface ConfigIssue {
  /** Where: attribute path such as `reports[0].metrics[2]`. */
  readonly path: string;
  /** What is wrong, with the value (never a secret's value). */
  readonly message: string;
  /** What would be right, if it can be said shortly. */
  readonly allowed?: string;
  /** The nearest right spelling. */
  readonly suggestion?: string;
}

/** The user edits YAML. Carries every mistake at once. */
export class ConfigError extends IngestError {
  override readonly name = 'ConfigError';
  readonly kind = 'config' as const;
  readonly issues: readonly ConfigIssue[];

  constructor(message: string, options: IngestErrorOptions & { readonly issues?: readonly ConfigIssue[] } = {}) {
    super(message, options);
    this.issues = options.issues ?? [];
  }
}

/** TikTok refused or could not be reached. */
export class SourceError extends IngestError {
  override readonly name = 'SourceError';
  readonly kind = 'source' as const;
}

/** The warehouse refused or could not be reached. */
export class DestinationError extends IngestError {
  override readonly name = 'DestinationError';
  readonly kind = 'destination' as const;
}

/** We are wrong. */
export class InternalError extends IngestError {
  override readonly name = 'InternalError';
  readonly kind = 'internal' as const;
}

/** The plain form of an error, as it goes to Dagster, `--json` output and the terminal. */
export interface ErrorDescription {
  readonly kind: ErrorKind;
  readonly name: string;
  readonly message: string;
  readonly code: string | null;
  readonly retryable: boolean;
  readonly hint: string | null;
  readonly issues: readonly ConfigIssue[];
}

/** Describes anything thrown; what is not an IngestError is ours to mend. */
export function describe(error: unknown): ErrorDescription {
  if (error instanceof IngestError) {
    return {
      kind: error.kind,
      name: error.name,
      message: error.message,
      code: error.code ?? null,
      retryable: error.retryable,
      hint: error.hint ?? null,
      issues: error instanceof ConfigError ? error.issues : [],
    };
  }
  // What failed while all was being closed is not what ended the run.
  if (error instanceof Error && error.name === 'SuppressedError' && 'suppressed' in error) return describe(error.suppressed);
  const message = error instanceof Error ? error.message : String(error);
  const hint = 'This is a bug in dagster-tiktok-ads: please report it with the log of the run.';
  return { kind: 'internal', name: 'InternalError', message, code: null, retryable: false, hint, issues: [] };
}
