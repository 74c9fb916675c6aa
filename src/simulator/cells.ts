import type { Account } from './account.ts';
import { type Breakdown, breakdownVariants } from './breakdowns.ts';
import { mix } from './hash.ts';
import { dayWidth, hourStarts } from './hours.ts';
import type { Zones } from './zones.ts';

/**
 * The numbers. An ad's day is drawn from a hash; hours and breakdown values are slices of it, and everything above an ad is a sum.
 * So every way to cut the same delivery adds up exactly, in whole counts and in minor units of money.
 *
 * A day's totals are cut like this: positions 0 to `dayWidth` run through the hours and, inside each hour, through the
 * breakdown's values. The impressions up to a position are `floor((impressions × position + phase) / dayWidth)`, those of a slice
 * the difference of two. All other numbers follow the impressions, so a slice without impressions has nothing else either.
 */
export interface Cells {
  /** Sums since `clear`, by atom; whole numbers. */
  readonly sums: Float64Array;
  readonly clear: () => void;
  /** Adds a day of an ad, or the slice of it; tells whether anything was delivered. */
  readonly add: (ad: number, day: number, hour: number, breakdown: number) => boolean;
  /** Whether `add` would tell so. */
  readonly delivers: (ad: number, day: number, hour: number, breakdown: number) => boolean;
}

/* Arrays here are only read within their bounds, hence `as number`: a check of each read would cost a third of the speed. */

/** Stands for "all hours" and "all values". */
export const whole = -1;

/** The first atoms, always there. */
export const atoms = { impressions: 0, spend: 1, clicks: 2, conversion: 3, realTimeConversion: 4, result: 5 } as const;
export const baseAtomCount = 6;

/** Further additive numbers: `floor(source × rate / 65536)` of an ad's day. Negative sources are taken from the remainder, see metric-plan. */
export interface DerivedAtoms {
  readonly sources: readonly number[];
  readonly rates: readonly number[];
}

/** How far time has gone in this account. */
export interface AccountClock {
  readonly today: number;
  /** Hours of today that have delivered, 0 to 24. */
  readonly hoursOfToday: number;
  /** Days up to this one have their final spend. */
  readonly spendSettledDay: number;
  readonly restatement: boolean;
}

export interface CellsOptions {
  readonly account: Account;
  readonly clock: AccountClock;
  readonly zones: Zones;
  readonly derived: DerivedAtoms;
  readonly breakdown: Breakdown | undefined;
}

/** After this many days the attribution windows are closed and conversions no longer change. */
const attributionDays = 28;

/** Of 1024 conversions, how many are known on the day itself, a day later, and so on: most come soon. */
const attributedBy = Int32Array.from({ length: attributionDays }, (_, age) => Math.round(1024 - 620 * 0.85 ** age));

export function createCells({ account, clock, zones, derived, breakdown }: CellsOptions): Cells {
  const { seed, scale, cpm, ctr, cvr, start, end, density } = account.delivery;
  const { adGroupOfAd, campaignOfAdGroup } = account;
  const atomCount = baseAtomCount + derived.sources.length;
  const sources = Int32Array.from(derived.sources);
  const rates = Float64Array.from(derived.rates);
  const sums = new Float64Array(atomCount);
  const day0 = new Float64Array(atomCount);
  const slices = new Map<number, Int32Array>();
  const missingHours = new Map<number, number>();
  const breakdownCount = breakdown?.cells.length ?? 1;

  function impressionsOf(ad: number, day: number): number {
    if (day < (start[ad] as number) || day > (end[ad] as number) || day > clock.today) return 0;
    const hash = mix(seed[ad] as number, day);
    if ((hash & 1023) >= density) return 0;
    return 1 + (((scale[ad] as number) * (512 + ((hash >>> 10) & 1023))) >> 10);
  }

  function fill(ad: number, day: number, impressions: number): void {
    const hash = mix(seed[ad] as number, day);
    const clicks = (impressions * (ctr[ad] as number)) >> 16;
    const final = ((clicks * (cvr[ad] as number)) >> 10) + (clicks > 0 && hash >>> 28 === 0 ? 1 : 0);
    const age = clock.today - day;
    const open = clock.restatement && age < attributionDays;
    const spend = Math.floor((impressions * (cpm[ad] as number)) / 1024);
    const conversion = open ? (final * (attributedBy[age] as number) + ((hash >>> 9) & 1023)) >> 10 : final;
    day0[atoms.impressions] = impressions;
    day0[atoms.spend] = clock.restatement && day > clock.spendSettledDay ? Math.floor((spend * 1013) / 1024) : spend;
    day0[atoms.clicks] = clicks;
    day0[atoms.conversion] = conversion;
    day0[atoms.realTimeConversion] = final;
    const goal = (campaignOfAdGroup[adGroupOfAd[ad] as number] as number) % 3;
    day0[atoms.result] = goal === 0 ? conversion : goal === 1 ? clicks : impressions;
    for (let k = baseAtomCount; k < atomCount; k += 1) {
      day0[k] = Math.floor(
        ((day0[sources[k - baseAtomCount] as number] as number) * (rates[k - baseAtomCount] as number)) / 65536,
      );
    }
  }

  /** The hour that a change to summer time skips, plus one; 0 on all other days. */
  function missingHourOf(day: number): number {
    let missing = missingHours.get(day);
    if (missing === undefined) {
      missing = zones.hours(account.profile.timezone, day).indexOf(false) + 1;
      missingHours.set(day, missing);
    }
    return missing;
  }

  /** Pairs of positions, ends excluded. */
  function slicesOf(ad: number, day: number, hour: number, value: number): Int32Array {
    const dayKind = day === clock.today ? 1 : 0;
    const missing = missingHourOf(day);
    const variant = (seed[ad] as number) & (breakdownVariants - 1);
    const key = (((dayKind * 25 + missing) * breakdownVariants + variant) * 25 + hour + 1) * (breakdownCount + 1) + value + 1;
    let found = slices.get(key);
    if (found === undefined) {
      found = cut(
        hourStarts(zones.hours(account.profile.timezone, day)),
        dayKind === 1 ? clock.hoursOfToday : 24,
        hour,
        breakdown?.starts[variant],
        value,
      );
      slices.set(key, found);
    }
    return found;
  }

  function delivers(ad: number, day: number, hour: number, value: number): boolean {
    const impressions = impressionsOf(ad, day);
    if (impressions === 0) return false;
    if (hour === whole && value === whole && day !== clock.today) return true;
    const phase = mix(seed[ad] as number, day) >>> 12;
    const pairs = slicesOf(ad, day, hour, value);
    for (let i = 0; i < pairs.length; i += 2) {
      if (upTo(impressions, pairs[i + 1] as number, phase) > upTo(impressions, pairs[i] as number, phase)) return true;
    }
    return false;
  }

  function add(ad: number, day: number, hour: number, value: number): boolean {
    const impressions = impressionsOf(ad, day);
    if (impressions === 0) return false;
    fill(ad, day, impressions);
    if (hour === whole && value === whole && day !== clock.today) {
      for (let k = 0; k < atomCount; k += 1) sums[k] = (sums[k] as number) + (day0[k] as number);
      return true;
    }
    const phase = mix(seed[ad] as number, day) >>> 12;
    const pairs = slicesOf(ad, day, hour, value);
    let delivered = false;
    for (let i = 0; i < pairs.length; i += 2) {
      const from = upTo(impressions, pairs[i] as number, phase);
      const to = upTo(impressions, pairs[i + 1] as number, phase);
      if (to === from) continue;
      delivered = true;
      sums[0] = (sums[0] as number) + to - from;
      for (let k = 1; k < atomCount; k += 1) {
        const all = day0[k] as number;
        if (all !== 0)
          sums[k] = (sums[k] as number) + Math.floor((to * all) / impressions) - Math.floor((from * all) / impressions);
      }
    }
    return delivered;
  }

  return { sums, clear: () => sums.fill(0), add, delivers };
}

function upTo(impressions: number, position: number, phase: number): number {
  return Math.floor((impressions * position + phase) / dayWidth);
}

function cut(starts: Int32Array, hoursMax: number, hour: number, shares: Int32Array | undefined, value: number): Int32Array {
  const start = (h: number): number => (starts[h] as number) * 1024;
  if (value === whole || shares === undefined) {
    if (hour === whole) return Int32Array.of(0, start(hoursMax));
    return hour < hoursMax ? Int32Array.of(start(hour), start(hour + 1)) : new Int32Array(0);
  }
  const pairs: number[] = [];
  for (let h = hour === whole ? 0 : hour; h < (hour === whole ? hoursMax : Math.min(hour + 1, hoursMax)); h += 1) {
    const width = (starts[h + 1] as number) - (starts[h] as number);
    if (width > 0) pairs.push(start(h) + width * (shares[value] as number), start(h) + width * (shares[value + 1] as number));
  }
  return Int32Array.from(pairs);
}
