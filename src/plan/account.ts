import { dateIn } from './window.ts';

/** An ad account as the plan needs it. */
export interface Account {
  readonly id: string;
  readonly name: string | null;
  /** The zone of its report days, an IANA name (`timezone` of advertiser/info; POSIX signs: `Etc/GMT+8` is UTC-8). */
  readonly timeZone: string;
  readonly currency: string | null;
  /** Seconds since 1970 when it was made, or null. */
  readonly createdAt: number | null;
  /** False where advertiser/info told nothing (no scope): zone and currency are then unknown and days counted in UTC. */
  readonly known: boolean;
}

/** The account's own today. `now` in milliseconds since 1970. */
export function todayOf(account: Account, now: number): string {
  return dateIn(account.timeZone, now);
}
