import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apiCodes } from '../../src/tiktok/api-codes.ts';
import { backoffMs, type RetryPolicy, retryCauseOf, retryPolicies } from '../../src/tiktok/retry.ts';

describe('waiting before a request is sent again', () => {
  it('doubles, keeps at least half of it, and never passes the policy’s maximum', () => {
    const policies = fc.constantFrom(...Object.values(retryPolicies).map((policy): RetryPolicy => policy));
    fc.assert(
      fc.property(
        policies,
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (policy, attempt, random) => {
          const full = Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1));
          const waited = backoffMs(policy, attempt, random);
          expect(waited).toBeGreaterThanOrEqual(Math.floor(full / 2));
          expect(waited).toBeLessThanOrEqual(full);
        },
      ),
    );
  });

  it('lasts for minutes where TikTok advises it', () => {
    const { attempts } = retryPolicies['api-busy'];
    const total = Array.from({ length: attempts - 1 }, (_, at) => backoffMs(retryPolicies['api-busy'], at + 1, 0.5)).reduce(
      (sum, ms) => sum + ms,
      0,
    );
    expect(total).toBeGreaterThan(60_000);
    expect(total).toBeLessThan(300_000);
  });

  it('tries a call that timed out once more only, since the third time-out gets it blocked', () => {
    expect(retryPolicies.timeout.attempts).toBeLessThan(3);
  });

  it('never repeats what a person has to mend', () => {
    for (const { code, action } of apiCodes)
      if (['auth', 'fail', 'skip-advertiser', 'split', 'ok'].includes(action)) expect(retryCauseOf(action), `${code}`).toBeNull();
    for (const { code, action } of apiCodes)
      if (action.startsWith('retry') || action.startsWith('rate')) expect(retryCauseOf(action), `${code}`).not.toBeNull();
  });
});
