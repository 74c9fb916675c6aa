/** Names of the asset checks, as Dagster has them. */
export const checkNames = ['matches_api_total', 'unique_key', 'levels_reconcile', 'accounts_loaded', 'schema_unchanged'] as const;

export type CheckName = (typeof checkNames)[number];

/** The verdict on what is in the tables now. A check that cannot be decided has `passed: false` with severity WARN and says why. */
export interface CheckResult {
  readonly name: CheckName;
  readonly passed: boolean;
  readonly severity: 'WARN' | 'ERROR';
  /** The cause in words. */
  readonly summary: string;
  readonly figures: Readonly<Record<string, unknown>>;
}
