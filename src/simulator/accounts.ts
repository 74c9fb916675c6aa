import { below } from './hash.ts';

export interface AccountProfile {
  readonly currency: string;
  /** Digits after the point in this currency. */
  readonly minorDigits: 0 | 2;
  readonly timezone: string;
  readonly displayTimezone: string;
  readonly country: string;
  readonly language: string;
}

const dollarsWest = { currency: 'USD', minorDigits: 2, country: 'US', language: 'en' } as const;

/** Accounts in several zones and currencies. The first one's report zone is written with a POSIX sign and differs from its display zone. */
const profiles: readonly AccountProfile[] = [
  { ...dollarsWest, timezone: 'Etc/GMT+8', displayTimezone: 'America/Los_Angeles' },
  { currency: 'EUR', minorDigits: 2, timezone: 'Europe/Berlin', displayTimezone: 'Europe/Berlin', country: 'DE', language: 'de' },
  { currency: 'JPY', minorDigits: 0, timezone: 'Asia/Tokyo', displayTimezone: 'Asia/Tokyo', country: 'JP', language: 'ja' },
  { currency: 'INR', minorDigits: 2, timezone: 'Asia/Kolkata', displayTimezone: 'Asia/Kolkata', country: 'IN', language: 'en' },
  {
    currency: 'NZD',
    minorDigits: 2,
    timezone: 'Pacific/Auckland',
    displayTimezone: 'Pacific/Auckland',
    country: 'NZ',
    language: 'en',
  },
  { ...dollarsWest, timezone: 'America/Los_Angeles', displayTimezone: 'America/Los_Angeles' },
  { currency: 'KRW', minorDigits: 0, timezone: 'Asia/Seoul', displayTimezone: 'Asia/Seoul', country: 'KR', language: 'ko' },
  { currency: 'GBP', minorDigits: 2, timezone: 'Europe/London', displayTimezone: 'Europe/London', country: 'GB', language: 'en' },
  {
    currency: 'BRL',
    minorDigits: 2,
    timezone: 'America/Sao_Paulo',
    displayTimezone: 'America/Sao_Paulo',
    country: 'BR',
    language: 'pt',
  },
  { ...dollarsWest, timezone: 'UTC', displayTimezone: 'UTC' },
];

/** The profile of the n-th listed account. */
export function profileAt(index: number): AccountProfile {
  return profiles[index % profiles.length] ?? fallback;
}

/** The profile of an account that nobody listed. */
export function profileOf(hash: number): AccountProfile {
  return profileAt(below(hash, profiles.length));
}

export function minorDigitsOf(currency: string): 0 | 2 {
  return currency === 'JPY' || currency === 'KRW' || currency === 'VND' || currency === 'CLP' ? 0 : 2;
}

const fallback: AccountProfile = { ...dollarsWest, timezone: 'UTC', displayTimezone: 'UTC' };
