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
 * whatever the network does to one of them. It costs the same share of the quota. A request counts from when it went out.
 */
const margin = 1.04;

/** From here on a quota is no limit worth a file access per request; requests are sent at once. */
export const unlimitedPerSecond = 1_000;

const pauseFirstMs = 1_000;
const pauseMaxMs = 300_000;

export interface RateLimiter {
  /** Resolves when one request may be sent, with that time. Rejects when aborted, or with a retryable SourceError when the day's quota is used up. */
  readonly acquire: (signal: AbortSignal) => Promise<number>;
  /** A request that was let go at `acquiredAt` went out at `sentAt` only, because its connection had to be made first. */
  readonly sent: (acquiredAt: number, sentAt: number) => Promise<void>;
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
  let turn: Promise<unknown> = Promise.resolve();
  let refusals = 0;
  let pauseSetAt = Number.NEGATIVE_INFINITY;
  let pauseEnd = 0;
  let throttled = 0;

  const take = async (signal: AbortSignal): Promise<number> => {
    if (unlimited && clock.now() >= pauseEnd) return clock.now();
    for (;;) {
      signal.throwIfAborted();
      const slot = await store.update((state) => takeSlot(state, quota, clock.now()));
      switch (slot.kind) {
        case 'send':
          return slot.at;
        case 'wait':
          await clock.sleep(slot.until - clock.now(), signal);
          break;
        case 'day-used':
          throw new SourceError(`The ${quota.perDay} requests a day that \`requests_per_day\` allows the app are used up.`, {
            code: 'quota_day',
            retryable: true,
            hint: 'The day ends at 00:00 UTC. What was loaded stays; run again then, or raise `requests_per_day` if the developer portal shows a higher tier for your app.',
          });
      }
    }
  };

  return {
    acquire: (signal) => {
      // One at a time: requests go out in the order in which they were asked for, and one a process waits at the store.
      const mine = turn.then(() => take(signal));
      turn = mine.catch(() => undefined);
      return mine;
    },
    sent: async (acquiredAt, sentAt) => {
      if (!unlimited && sentAt - acquiredAt >= lateMs) await store.update((state) => moveSlot(state, acquiredAt, sentAt));
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

/**
 * Notes one request in the state if it may go now, or says how long to wait before asking again. Nothing is kept for later: whoever
 * wakes late, or never, takes nothing from the others.
 */
function takeSlot(state: QuotaState, quota: Quota, now: number): Slot {
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
  const until = (state.recent.at(-perPeriod) ?? 0) + Math.ceil(periodMs * margin);
  if (until > now) return { kind: 'wait', until };

  const second = Math.floor(now / 1_000);
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

  state.recent = inOrder([...state.recent, now]).slice(-perPeriod);
  state.seconds[String(second)] = (state.seconds[String(second)] ?? 0) + 1;
  state.dayCount += 1;
  return { kind: 'send', at: now };
}

/** Later than this after its place was taken, a request is noted anew with the time it went out. */
const lateMs = 5;

function moveSlot(state: QuotaState, from: number, to: number): void {
  const at = state.recent.lastIndexOf(from);
  if (at >= 0) state.recent = inOrder(state.recent.with(at, to));
  const [before, after] = [String(Math.floor(from / 1_000)), String(Math.floor(to / 1_000))];
  if (before === after || !state.seconds[before]) return;
  state.seconds[before] -= 1;
  state.seconds[after] = (state.seconds[after] ?? 0) + 1;
}

function inOrder(times: readonly number[]): number[] {
  return times.toSorted((a, b) => a - b);
}

/** A quota below one a second is one request in a longer period. */
function periodOf({ perSecond }: Quota): { readonly periodMs: number; readonly perPeriod: number } {
  return perSecond >= 1 ? { periodMs: 1_000, perPeriod: Math.floor(perSecond) } : { periodMs: 1_000 / perSecond, perPeriod: 1 };
}
