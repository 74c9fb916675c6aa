import type { Parameters } from 'fast-check';

/**
 * How a property runs. A failure prints its seed; `FC_SEED` brings the same cases back, `FC_RUNS` makes more of them, `FC_SHRINK=1` looks for the
 * smallest case that fails (each step is a whole run, so it takes minutes).
 */
export function runs<T>(numRuns: number): Parameters<T> {
  const { FC_SEED: seed, FC_RUNS: more, FC_SHRINK: shrink } = process.env;
  return {
    numRuns: more ? Number(more) : numRuns,
    endOnFailure: shrink !== '1',
    ...(seed ? { seed: Number(seed) } : {}),
  };
}

/** A case takes a few seconds; on a machine that does much else, several times that. */
export const timeLimitMs = 60_000 + Number(process.env['FC_RUNS'] ?? 20) * 10_000;
