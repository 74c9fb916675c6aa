import type { TableResult } from './pipeline.ts';
import type { PartitionWindow } from './plan/plan.ts';
import { addDays, joined } from './plan/window.ts';
import type { Window } from './table.ts';

/** What a run read again beyond its own partitions, because TikTok may have changed it since (ruling 4). */
export interface Restated {
  /** Dates, of any account, in order. */
  readonly days: readonly string[];
  /** Partitions that are one of these days, or an account's day; none where partitions are longer or shorter than days. */
  readonly partitionKeys: readonly string[];
}

export function restatedOf(result: TableResult, partitions: readonly PartitionWindow[] | null): Restated {
  const days = new Set<string>();
  const keys = new Set<string>();
  for (const [advertiserId, scopes] of Map.groupBy(result.scopes, (one) => one.advertiserId)) {
    const own = (partitions ?? []).filter((one) => one.advertiserId === null || one.advertiserId === advertiserId);
    const asked = windowsOf(own);
    if (asked.length === 0) continue;
    const read = windowsOf(scopes);
    for (const day of read.flatMap(daysOf).filter((one) => !asked.some(({ start, end }) => start <= one && one <= end))) {
      days.add(day);
      const key = own[0] ? keyOf(own[0], day) : null;
      if (key !== null) keys.add(key);
    }
  }
  return { days: [...days].sort(), partitionKeys: [...keys].sort() };
}

function windowsOf(given: readonly { readonly window: Window | null }[]): readonly Window[] {
  return joined(given.flatMap(({ window }) => (window ? [window] : [])));
}

/** The partition of another day, spelt as that of a day: its date, alone or beside an account. */
function keyOf({ key, window }: PartitionWindow, day: string): string | null {
  if (window === null || window.start !== window.end || !key.split('|').includes(window.start)) return null;
  return key
    .split('|')
    .map((part) => (part === window.start ? day : part))
    .join('|');
}

function daysOf(window: Window): readonly string[] {
  const days: string[] = [];
  for (let day = window.start; day <= window.end; day = addDays(day, 1)) days.push(day);
  return days;
}
