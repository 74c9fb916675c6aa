import type { Window } from '../table.ts';

const dayMs = 86_400_000;

/** Day number since 1970 of a date `YYYY-MM-DD`. Throws RangeError for what is no date of the calendar. */
export function dayNumber(date: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== date)
    throw new RangeError(`${date} is no date (YYYY-MM-DD)`);
  return ms / dayMs;
}

export function dateOf(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** `days` may be negative. */
export function addDays(date: string, days: number): string {
  return dateOf(dayNumber(date) + days);
}

/** Number of days of a window, both ends included. */
export function daysIn(window: Window): number {
  return dayNumber(window.end) - dayNumber(window.start) + 1;
}

/** Cuts a window into closed windows of at most `daysMax` days, in order, without overlap. */
export function chunks(window: Window, daysMax: number): readonly Window[] {
  const pieces: Window[] = [];
  const last = dayNumber(window.end);
  for (let start = dayNumber(window.start); start <= last; start += daysMax) {
    pieces.push({ start: dateOf(start), end: dateOf(Math.min(start + daysMax - 1, last)) });
  }
  return pieces;
}

/** Two windows of nearly equal length, or null for one day. */
export function halves(window: Window): readonly [Window, Window] | null {
  const days = daysIn(window);
  if (days < 2) return null;
  const middle = addDays(window.start, Math.ceil(days / 2) - 1);
  return [
    { start: window.start, end: middle },
    { start: addDays(middle, 1), end: window.end },
  ];
}

/** Joins windows that touch or overlap, in order of start. */
export function joined(windows: readonly Window[]): readonly Window[] {
  const result: { start: string; end: string }[] = [];
  for (const window of windows.toSorted((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))) {
    const previous = result.at(-1);
    if (previous && window.start <= addDays(previous.end, 1)) {
      if (window.end > previous.end) previous.end = window.end;
    } else result.push({ ...window });
  }
  return result;
}

/**
 * Date of an instant (milliseconds since 1970) in a time zone: an IANA name, where `Etc/GMT+8` is eight hours behind UTC as POSIX has it.
 * An unknown zone counts as UTC; callers that care check with `isTimeZone`.
 */
export function dateIn(zone: string, now: number): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: isTimeZone(zone) ? zone : 'UTC',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return parts.format(now);
}

export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-CA', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
