const dayMs = 86_400_000;
const dateShape = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Days since 1970-01-01 of a date `YYYY-MM-DD`; undefined if that is no date of the calendar. */
export function dayOf(text: string): number | undefined {
  if (!dateShape.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) return undefined;
  return time / dayMs;
}

/** `YYYY-MM-DD` of a day counted from 1970-01-01. */
export function dayText(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** `YYYY-MM-DD HH:MM:SS` in UTC, as entities write their times. */
export function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

/** Seconds since 1970 of `YYYY-MM-DD HH:MM:SS` in UTC; undefined if it is not such a time. */
export function secondsOf(text: string): number | undefined {
  const [date = '', clock = ''] = text.split(' ');
  if (dayOf(date) === undefined || !/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(clock)) return undefined;
  return Date.parse(`${date}T${clock}Z`) / 1000;
}
