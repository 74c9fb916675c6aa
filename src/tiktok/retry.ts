import type { ApiAction } from './api-codes.ts';

/** Why a request is sent again. */
export type RetryCause = 'rate-limit' | 'api-busy' | 'http' | 'connection' | 'timeout' | 'malformed';

export interface RetryPolicy {
  readonly attempts: number;
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * The same call timing out three times in ten minutes gets blocked (docs 1757262274182145), hence the few attempts of `timeout`.
 * For 5xxxx codes TikTok advises to wait for minutes: the waits of `api-busy` add up to about two.
 */
export const retryPolicies = {
  'rate-limit': { attempts: 14, baseMs: 0, maxMs: 0 },
  'api-busy': { attempts: 8, baseMs: 1_000, maxMs: 60_000 },
  http: { attempts: 7, baseMs: 500, maxMs: 30_000 },
  connection: { attempts: 7, baseMs: 300, maxMs: 30_000 },
  timeout: { attempts: 2, baseMs: 1_000, maxMs: 5_000 },
  malformed: { attempts: 6, baseMs: 300, maxMs: 10_000 },
} as const satisfies Record<RetryCause, RetryPolicy>;

/** Exponential backoff with jitter over its upper half. `attempt` counts from 1; `random` is in [0, 1). */
export function backoffMs(policy: RetryPolicy, attempt: number, random: number): number {
  const full = Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1));
  return Math.round(full * (0.5 + random / 2));
}

/** Whether an API code is waited out by the client, and as what. Null: the caller has to decide. */
export function retryCauseOf(action: ApiAction): RetryCause | null {
  switch (action) {
    case 'rate-limit-app':
    case 'rate-limit-advertiser':
      return 'rate-limit';
    case 'retry':
    case 'retry-slow':
      return 'api-busy';
    case 'ok':
    case 'auth':
    case 'skip-advertiser':
    case 'fail':
    case 'split':
      return null;
  }
}
