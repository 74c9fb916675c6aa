import type { Account } from '../account.ts';
import { below, mix, pick } from '../hash.ts';
import { nameOf } from '../names.ts';

export function campaignName(account: Account, campaign: number): string {
  return nameOf(mix(account.seed ^ 0xc0, campaign), 'campaign', campaign);
}

export function adGroupName(account: Account, adGroup: number): string {
  return nameOf(mix(account.seed ^ 0xa0, adGroup), 'ad group', adGroup);
}

export function adName(account: Account, ad: number): string {
  return nameOf(mix(account.seed ^ 0xad, ad), 'ad', ad);
}

export function adText(account: Account, ad: number): string {
  return `${nameOf(mix(account.seed ^ 0x7e, ad), 'offer', ad)} – now in our shop`;
}

export function callToAction(account: Account, ad: number): string {
  return pick(mix(account.seed ^ 0xc7, ad), ['LEARN_MORE', 'SHOP_NOW', 'SIGN_UP', 'DOWNLOAD_NOW', 'WATCH_NOW']);
}

/** In minor units; 0 means no limit of its own. */
export function campaignBudget(account: Account, campaign: number): number {
  const hash = mix(account.seed ^ 0xb6, campaign);
  return below(hash, 3) === 0 ? 0 : (50 + below(hash >>> 4, 40) * 25) * 10 ** account.profile.minorDigits;
}

/** In minor units; 0 where the campaign holds the budget. */
export function adGroupBudget(account: Account, adGroup: number): number {
  const campaign = account.campaignOfAdGroup[adGroup] ?? 0;
  if (campaignBudget(account, campaign) > 0) return 0;
  return (20 + below(mix(account.seed ^ 0xb7, adGroup), 20) * 10) * 10 ** account.profile.minorDigits;
}
