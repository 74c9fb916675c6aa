import type { Account } from '../account.ts';
import { below, mix } from '../hash.ts';
import { type Fields, nulls, same } from './records.ts';

/** Fields of an account (docs 1739593083610113). */
export const advertiserFields: Fields<Account> = {
  advertiser_id: (account) => account.id,
  name: (account) => account.name,
  company: (account) => `${account.name} Ltd. "&" Söhne`,
  ...nulls('brand'),
  description: () => '',
  address: () => '',
  contacter: () => '',
  industry: () => '290101',
  promotion_area: () => '0',
  status: (account) => (below(mix(account.seed, 0x57a7), 8) === 0 ? 'STATUS_DISABLE' : 'STATUS_ENABLE'),
  role: () => 'ROLE_ADVERTISER',
  advertiser_account_type: () => 'AUCTION',
  currency: (account) => account.profile.currency,
  country: (account) => account.profile.country,
  timezone: (account) => account.profile.timezone,
  display_timezone: (account) => account.profile.displayTimezone,
  language: (account) => account.profile.language,
  balance: (account) => below(mix(account.seed, 0xba1), 100_000) / 10 ** account.profile.minorDigits,
  create_time: (account) => account.historyStart * 86_400 - 30 * 86_400 + below(mix(account.seed, 0xc7), 86_400),
  email: (account) => `${account.profile.country.toLowerCase()}***@example.com`,
  cellphone_number: () => '',
  telephone_number: () => '+1******99',
  license_no: () => '',
  ...nulls('license_url', 'license_city', 'license_province', 'promotion_center_city', 'promotion_center_province'),
  rejection_reason: () => '',
  ...same({
    owner_bc_id: '7100000000000000007',
    can_use_custom_identity: true,
    ads_only_mode: false,
    company_name_editable: true,
  }),
};
