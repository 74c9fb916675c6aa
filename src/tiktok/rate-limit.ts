import type { Clock } from '../clock.ts';
import { SourceError } from '../errors.ts';
import type { QuotaState, QuotaStore } from './quota-store.ts';

/** The app's quota, in requests. TikTok counts per developer app (docs 1740029171730433). */
export interface Quota {
  readonly perSecond: number;
  readonly perMinute: number;
  readonly perDay: number;
}

/**
 * Windows are kept this much longer than TikTok's, so that two requests a second apart here are also a second apart there,
 * whatever the network does to one of them. It costs the same share of the quota.
 */
const margin = 1.04;

/** From here on a quota is no limit worth a file access per request; requests are sent at once. */
export const unlimitedPerSecond = 1_000;

const pauseFirstMs = 1_000;
const pauseMaxMs = 300_000;

export interface RateLimiter {
  /** Resolves when one request may be sent. Rejects when aborted, or with a retryable SourceError when the day's quota is used up. */
  readonly acquire: (signal: AbortSignal) => Promise<void>;
  /**
   * TikTok refused a request sent at `sentAt` for being too frequent: everyone waits, longer each time it happens again.
   * Many refusals of one burst count once. Gives the length of the wait in milliseconds.
   */
  readonly refused: (sentAt: number) => Promise<number>;
  /** Milliseconds during which requests were held back because TikTok asked for it. */
  readonly throttledMs: () => number;
}

export function createRateLimiter(quota: Quota, store: QuotaStore, clock: Clock): RateLimiter {
  const unlimited = quota.perSecond >= unlimitedPerSecond;
  let turn: Promise<void> = Promise.resolve();
  let refusals = 0;
  let pauseSetAt = Number.NEGATIVE_INFINITY;
  let pauseEnd = 0;
  let throttled = 0;
  /** When this process sent its newest requests, which may be later than what their slots said. */
  let sent: readonly number[] = [];
  const { periodMs, perPeriod } = periodOf(quota);

  /** A machine that wakes a sleeper late has moved that request closer to those of the next second: these wait for it. */
  const keepDistance = async (signal: AbortSignal): Promise<void> => {
    const earliest = (sent.at(-perPeriod) ?? Number.NEGATIVE_INFINITY) + periodMs;
    if (earliest > clock.now()) await clock.sleep(earliest - clock.now(), signal);
    sent = [...sent, clock.now()].slice(-perPeriod);
  };

  const reserve = async (signal: AbortSignal): Promise<void> => {
    if (unlimited && clock.now() >= pauseEnd) return;
    for (;;) {
      signal.throwIfAborted();
      const slot = await store.update((state) => nextSlot(state, quota, clock.now()));
      switch (slot.kind) {
        case 'send':
          if (slot.at > clock.now()) await clock.sleep(slot.at - clock.now(), signal);
          // A pause may have begun during the sleep; the slot is then given up.
          if (clock.now() < pauseEnd) break;
          return keepDistance(signal);
        case 'wait':
          await clock.sleep(slot.until - clock.now(), signal);
          break;
        case 'day-used':
          throw new SourceError(`The app's quota of ${quota.perDay} requests a day is used up.`, {
            code: 'quota_day',
            retryable: true,
            hint: 'It starts again at 00:00 UTC. What was loaded stays; run again then, or raise `requests_per_day` if your app is on a higher tier.',
          });
      }
    }
  };

  return {
    acquire: (signal) => {
      // One at a time: requests go out in the order in which they were asked for, and at most one slot is held unused.
      const mine = turn.then(() => reserve(signal));
      turn = mine.catch(() => undefined);
      return mine;
    },
    refused: async (sentAt) => {
      const now = clock.now();
      if (sentAt <= pauseSetAt || now < pauseEnd) return Math.max(0, pauseEnd - now);
      // A refusal long after the last pause is a new story; one right behind it means that the pause was too short.
      refusals = now - pauseEnd < 60_000 ? refusals + 1 : 1;
      const length = Math.min(pauseMaxMs, pauseFirstMs * 2 ** (refusals - 1));
      pauseSetAt = now;
      pauseEnd = now + length;
      throttled += length;
      await store.update((state) => {
        state.pausedUntil = Math.max(state.pausedUntil, now + length);
      });
      return length;
    },
    throttledMs: () => throttled,
  };
}

type Slot =
  | { readonly kind: 'send'; readonly at: number }
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'day-used' };

/** Notes one request in the state and says when it may go, or says how long to wait before asking again. */
function nextSlot(state: QuotaState, quota: Quota, now: number): Slot {
  if (state.pausedUntil > now) return { kind: 'wait', until: state.pausedUntil };

  const day = new Date(now).toISOString().slice(0, 10);
  if (state.day !== day) {
    state.day = day;
    state.dayCount = 0;
  }
  if (state.dayCount >= quota.perDay) return { kind: 'day-used' };

  // A machine's clock that was set back must not stop everything until it has caught up.
  if ((state.recent.at(-1) ?? 0) > now + 60_000) state.recent = [];
  const { periodMs, perPeriod } = periodOf(quota);
  const last = state.recent.at(-1) ?? 0;
  const before = state.recent.at(-perPeriod) ?? 0;
  const at = Math.max(now, last, before + Math.ceil(periodMs * margin));

  const second = Math.floor(at / 1_000);
  const oldest = second - 60;
  let inMinute = 0;
  let first = second;
  for (const [key, count] of Object.entries(state.seconds)) {
    const from = Number(key);
    if (from < oldest) delete state.seconds[key];
    else {
      inMinute += count;
      first = Math.min(first, from);
    }
  }
  if (inMinute >= quota.perMinute) return { kind: 'wait', until: (first + 61) * 1_000 };

  state.recent = [...state.recent, at].slice(-perPeriod);
  state.seconds[String(second)] = (state.seconds[String(second)] ?? 0) + 1;
  state.dayCount += 1;
  return { kind: 'send', at };
}

/** A quota below one a second is one request in a longer period. */
function periodOf({ perSecond }: Quota): { readonly periodMs: number; readonly perPeriod: number } {
  return perSecond >= 1 ? { periodMs: 1_000, perPeriod: Math.floor(perSecond) } : { periodMs: 1_000 / perSecond, perPeriod: 1 };
}
