import type { Clock } from '../../src/clock.ts';

export interface VirtualClock extends Clock {
  /** Lets time pass from one waiting sleeper to the next until `work` is done, and gives its result. */
  readonly until: <T>(work: Promise<T>) => Promise<T>;
  /** Sleepers wake this much later than they asked for, as on a busy machine. */
  lateMs: () => number;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that only passes while everybody sleeps. */
export function createVirtualClock(startsAt = Date.parse('2026-03-10T12:00:00Z')): VirtualClock {
  let time = startsAt;
  const sleepers: Sleeper[] = [];
  const clock: VirtualClock = {
    lateMs: () => 0,
    now: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const onAbort = (): void => {
          sleepers.splice(sleepers.indexOf(sleeper), 1);
          reject(signal.reason);
        };
        const sleeper = {
          at: time + Math.max(0, ms) + clock.lateMs(),
          wake: () => {
            signal.removeEventListener('abort', onAbort);
            resolve();
          },
        };
        signal.addEventListener('abort', onAbort, { once: true });
        sleepers.push(sleeper);
      }),
    until: async (work) => {
      let done = false;
      const finished = work.finally(() => {
        done = true;
      });
      // Whoever awaits `finished` below gets the failure.
      finished.catch(() => undefined);
      while (!done) {
        await new Promise((resolve) => setImmediate(resolve));
        if (done) break;
        const next = sleepers.toSorted((a, b) => a.at - b.at)[0];
        if (!next) continue;
        sleepers.splice(sleepers.indexOf(next), 1);
        time = Math.max(time, next.at);
        next.wake();
      }
      return finished;
    },
  };
  return clock;
}
