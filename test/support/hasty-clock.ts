import type { Clock } from '../../src/clock.ts';

/** Real time, but whoever sleeps finds at once that the time has passed; `slept` lists for how long. */
export interface HastyClock extends Clock {
  readonly slept: readonly number[];
}

export function createHastyClock(): HastyClock {
  const slept: number[] = [];
  let ahead = 0;
  return {
    slept,
    now: () => Date.now() + ahead,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        slept.push(ms);
        setImmediate(() => {
          if (signal.aborted) return reject(signal.reason);
          ahead += Math.max(0, ms);
          resolve();
        });
      }),
  };
}
