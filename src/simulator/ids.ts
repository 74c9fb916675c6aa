import type { Account } from './account.ts';
import { below, hashText, mix } from './hash.ts';

/**
 * Entity ids have 19 digits and lie 13 apart, far closer than the 256 that doubles can tell apart at that size: a client that
 * reads an id as a number gets another one, or two equal ones. Newer entities have greater ids.
 */
export type IdKind = 'campaign' | 'adgroup' | 'ad' | 'ad_v2' | 'video-material' | 'image-material' | 'playable';

const prefixes: Readonly<Record<IdKind, string>> = {
  campaign: '18',
  adgroup: '17',
  ad: '16',
  ad_v2: '15',
  'video-material': '73',
  'image-material': '74',
  playable: '75',
};

const step = 13;
const shift = 7;

/** The first ten digits, shared by all ids of this kind in this account. */
export function idPrefix(account: Pick<Account, 'id' | 'seed'>, kind: IdKind): string {
  return prefixes[kind] + String(below(hashText(account.id, account.seed), 90_000_000) + 10_000_000);
}

/** The last nine digits as a number. */
export function idTail(ordinal: number): number {
  return ordinal * step + shift;
}

export function entityId(account: Pick<Account, 'id' | 'seed'>, kind: IdKind, ordinal: number): string {
  return idPrefix(account, kind) + String(idTail(ordinal)).padStart(9, '0');
}

/** The ordinal that an id stands for, or -1 if it is no id of this kind in this account. */
export function ordinalOf(account: Pick<Account, 'id' | 'seed'>, kind: IdKind, id: string): number {
  if (id.length !== 19 || !id.startsWith(idPrefix(account, kind))) return -1;
  const tail = Number(id.slice(10));
  return Number.isInteger(tail) && tail % step === shift % step && tail >= shift ? (tail - shift) / step : -1;
}

export function videoId(account: Pick<Account, 'seed'>, ordinal: number): string {
  return `v10033g50000${fileTail(account.seed, ordinal, 0x71)}`;
}

export function videoOrdinal(account: Pick<Account, 'seed'>, id: string): number {
  const ordinal = Number.parseInt(id.slice(12, 18), 36);
  return Number.isInteger(ordinal) && videoId(account, ordinal) === id ? ordinal : -1;
}

export function imageId(account: Pick<Account, 'seed'>, ordinal: number): string {
  return `ad-site-i18n-sg/2026${fileTail(account.seed, ordinal, 0x1a)}`;
}

export function imageOrdinal(account: Pick<Account, 'seed'>, id: string): number {
  const ordinal = Number.parseInt(id.slice(20, 26), 36);
  return Number.isInteger(ordinal) && imageId(account, ordinal) === id ? ordinal : -1;
}

/** Six digits to base 36 of the ordinal, eight of a hash. */
function fileTail(seed: number, ordinal: number, salt: number): string {
  const hash = (mix(seed ^ salt, ordinal) >>> 0).toString(16).padStart(8, '0');
  return ordinal.toString(36).padStart(6, '0') + hash;
}
