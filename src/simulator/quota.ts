import type { QuotaOptions } from './options.ts';
import { Refusal } from './refusal.ts';

export interface QuotaRequest {
  readonly appId: string;
  readonly path: string;
  readonly advertiserId: string | undefined;
}

/** Counts requests per app (in the sandbox: per app and path), and per advertiser and path. */
export interface Quota {
  /** Counts a request, or gives the refusal that TikTok answers when there were too many; a refused one is not counted. */
  readonly take: (request: QuotaRequest) => Refusal | undefined;
  readonly reset: () => void;
}

interface Limits {
  readonly perSecond: number;
  readonly perMinute: number;
  readonly perDay: number;
}

const sandboxLimits: Limits = { perSecond: 1, perMinute: 30, perDay: 1_000 };
const basicLimits: Limits = { perSecond: 10, perMinute: 600, perDay: 864_000 };

/** Paths with limits of their own, the same at every tier of an app. */
const pathLimits: ReadonlyMap<string, Limits> = new Map([
  ['report/task/create/', { perSecond: 2, perMinute: 60, perDay: 4_500 }],
]);

export function createQuota(options: false | QuotaOptions, sandbox: boolean, now: () => number): Quota {
  if (options === false) return { take: () => undefined, reset: () => undefined };
  const limits = {
    ...(sandbox ? sandboxLimits : basicLimits),
    perAdvertiserSecond: 20,
    minutePenaltyMs: 300_000,
    window: 'fixed' as const,
    ...defined(options),
  };
  const counters = new Map<string, Counter>();
  const blockedUntil = new Map<string, number>();

  function counter(key: string, periodMs: number, window: 'fixed' | 'sliding'): Counter {
    let found = counters.get(key);
    if (found === undefined) {
      found = window === 'fixed' ? fixedCounter(periodMs) : slidingCounter(periodMs);
      counters.set(key, found);
    }
    return found;
  }

  function countersOf(key: string): { readonly second: Counter; readonly minute: Counter; readonly day: Counter } {
    return {
      second: counter(`${key} s`, 1_000, limits.window),
      minute: counter(`${key} m`, 60_000, limits.window),
      day: counter(`${key} d`, 86_400_000, 'fixed'),
    };
  }

  /** Which of the limits is used up, if one is. */
  function fullPeriod(
    key: string,
    { perSecond, perMinute, perDay }: Limits,
    time: number,
  ): 'second' | 'minute' | 'day' | undefined {
    const { second, minute, day } = countersOf(key);
    if (minute.at(time) >= perMinute) return 'minute';
    if (day.at(time) >= perDay) return 'day';
    return second.at(time) >= perSecond ? 'second' : undefined;
  }

  function take({ appId, path, advertiserId }: QuotaRequest): Refusal | undefined {
    const time = now();
    const pathKey = `${appId} ${path}`;
    const appKey = sandbox ? pathKey : appId;
    const restricted = new Refusal(40100, `Due to too many requests, requests from App ${appId} are temporarily restricted.`);
    if (time < (blockedUntil.get(appKey) ?? 0)) return restricted;
    const full = fullPeriod(appKey, limits, time);
    if (full === 'minute') blockedUntil.set(appKey, time + limits.minutePenaltyMs);
    if (full !== undefined) return restricted;
    const ofPath = sandbox ? undefined : pathLimits.get(path);
    if (ofPath !== undefined && fullPeriod(pathKey, ofPath, time) !== undefined) {
      return new Refusal(40016, 'Too frequent requests to this endpoint, please try again later.');
    }
    const ofAdvertiser = advertiserId === undefined ? undefined : counter(`${advertiserId} ${path} advertiser`, 1_000, 'fixed');
    const count = ofAdvertiser?.at(time) ?? 0;
    if (count >= limits.perAdvertiserSecond) {
      const limit = `QPS (${count + 1}) reaches QPS limit ${limits.perAdvertiserSecond}`;
      return new Refusal(40133, `Advertiser (${advertiserId})'s ${limit} for current path, request is temporarily restricted.`);
    }
    const used = [appKey, ...(ofPath === undefined ? [] : [pathKey])].flatMap((key) => Object.values(countersOf(key)));
    for (const one of [...used, ...(ofAdvertiser === undefined ? [] : [ofAdvertiser])]) one.add(time);
    return undefined;
  }

  return {
    take,
    reset: () => {
      counters.clear();
      blockedUntil.clear();
    },
  };
}

interface Counter {
  readonly at: (time: number) => number;
  readonly add: (time: number) => void;
}

/** Counts by whole periods of the clock: days end at 00:00 UTC. */
function fixedCounter(periodMs: number): Counter {
  let period = -1;
  let count = 0;
  function at(time: number): number {
    const current = Math.floor(time / periodMs);
    if (current !== period) {
      period = current;
      count = 0;
    }
    return count;
  }
  return {
    at,
    add: (time) => {
      at(time);
      count += 1;
    },
  };
}

/** Counts what lies less than a period back. */
function slidingCounter(periodMs: number): Counter {
  const times: number[] = [];
  let first = 0;
  return {
    at: (time) => {
      while (first < times.length && (times[first] ?? 0) <= time - periodMs) first += 1;
      if (first > 10_000) {
        times.splice(0, first);
        first = 0;
      }
      return times.length - first;
    },
    add: (time) => {
      times.push(time);
    },
  };
}

function defined(options: QuotaOptions): Partial<{ [K in keyof QuotaOptions]: NonNullable<QuotaOptions[K]> }> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
