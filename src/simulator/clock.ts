import type { Account } from './account.ts';
import type { AccountClock } from './cells.ts';
import type { Zones } from './zones.ts';

/** Simulated time. It runs with real time unless it is frozen, and can be moved. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly set: (timeMs: number) => void;
  readonly advance: (ms: number) => void;
  readonly reset: () => void;
  readonly of: (account: Account) => AccountClock;
}

export interface ClockOptions {
  readonly startMs: number;
  readonly frozen: boolean;
  readonly restatement: boolean;
  readonly realNow: () => number;
  readonly zones: Zones;
}

const dayMs = 86_400_000;

export function createClock({ startMs, frozen, restatement, realNow, zones }: ClockOptions): Clock {
  const realStart = realNow();
  let offset = 0;

  function now(): number {
    return startMs + offset + (frozen ? 0 : realNow() - realStart);
  }

  function of(account: Account): AccountClock {
    const time = now();
    const local = zones.local(account.profile.timezone, time);
    // Yesterday's numbers are recomputed at 12:00 UTC (docs 1738864894606337).
    const spendSettledDay = Math.floor((time - dayMs / 2) / dayMs) - 1;
    return { today: local.day, hoursOfToday: local.hour + 1, spendSettledDay, restatement };
  }

  return {
    now,
    set: (timeMs) => {
      offset += timeMs - now();
    },
    advance: (ms) => {
      offset += ms;
    },
    reset: () => {
      offset = 0;
    },
    of,
  };
}
