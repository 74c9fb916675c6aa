import { timeText } from '../days.ts';
import type { EntityPlace } from '../endpoints/entity-list.ts';
import { entityId } from '../ids.ts';
import { type Fields, nulls, same } from './records.ts';
import { campaignBudget, campaignName } from './texts.ts';
import { automationOf, buyingTypeOf, campaignStatus, createdAt, modifiedAt, objectiveOf, originOf } from './traits.ts';

const isSmart = ({ account, ordinal }: EntityPlace): boolean => automationOf(account, ordinal) === 'SMART_PLUS';
const budget = ({ account, ordinal }: EntityPlace): number =>
  campaignBudget(account, ordinal) / 10 ** account.profile.minorDigits;

/** All that there is of a campaign made in the TikTok app (docs 1739315828649986). */
export const promotedFields: readonly string[] = [
  'advertiser_id',
  'campaign_id',
  'create_time',
  'campaign_name',
  'operation_status',
  'secondary_status',
];

/** Fields of a campaign (docs 1739315828649986). */
export const campaignFields: Fields<EntityPlace> = {
  advertiser_id: ({ account }) => account.id,
  campaign_id: ({ account, ordinal }) => entityId(account, 'campaign', ordinal),
  campaign_name: ({ account, ordinal }) => campaignName(account, ordinal),
  campaign_type: ({ ordinal }) => (ordinal % 13 === 6 ? 'IOS14_CAMPAIGN' : 'REGULAR_CAMPAIGN'),
  campaign_system_origin: ({ account, ordinal }) => originOf(account, ordinal),
  campaign_automation_type: ({ account, ordinal }) => automationOf(account, ordinal),
  objective_type: ({ account, ordinal }) => objectiveOf(account, ordinal),
  objective: ({ account, ordinal }) => (objectiveOf(account, ordinal) === 'APP_PROMOTION' ? 'APP' : 'LANDING_PAGE'),
  virtual_objective_type: ({ account, ordinal }) => (objectiveOf(account, ordinal) === 'PRODUCT_SALES' ? 'SALES' : null),
  sales_destination: ({ account, ordinal }) => (objectiveOf(account, ordinal) === 'PRODUCT_SALES' ? 'TIKTOK_SHOP' : null),
  app_promotion_type: ({ account, ordinal }) => (objectiveOf(account, ordinal) === 'APP_PROMOTION' ? 'APP_INSTALL' : 'UNSET'),
  budget,
  budget_mode: (place) =>
    budget(place) === 0 ? 'BUDGET_MODE_INFINITE' : place.ordinal % 2 === 0 ? 'BUDGET_MODE_DAY' : 'BUDGET_MODE_TOTAL',
  budget_optimize_on: (place) => budget(place) > 0,
  bid_type: (place) => (budget(place) > 0 ? 'BID_TYPE_NO_BID' : null),
  ...nulls('deep_bid_type'),
  optimization_goal: (place) => (budget(place) > 0 ? 'CONVERT' : null),
  roas_bid: () => 0,
  is_smart_performance_campaign: isSmart,
  ...same({
    is_search_campaign: false,
    is_new_structure: true,
    is_advanced_dedicated_campaign: false,
    disable_skan_campaign: null,
    catalog_enabled: false,
    rta_bid_enabled: null,
    rta_product_selection_enabled: null,
  }),
  operation_status: ({ account, ordinal }) => campaignStatus(account, ordinal).operation,
  secondary_status: ({ account, ordinal }) => campaignStatus(account, ordinal).secondary,
  ...nulls('split_test_variable'),
  rf_campaign_type: ({ account, ordinal }) =>
    buyingTypeOf(account, ordinal) === 'RESERVATION_TOP_VIEW' ? 'TOPVIEW' : 'STANDARD',
  ...nulls(
    'campaign_product_source',
    'app_id',
    'rta_id',
    'po_number',
    'postback_window_mode',
    'bid_align_type',
    'campaign_app_profile_page_state',
  ),
  special_industries: ({ ordinal }) => (ordinal % 6 === 2 ? ['HOUSING', 'CREDIT'] : null),
  create_time: ({ account, ordinal }) => timeText(createdAt(account, 'campaign', ordinal)),
  modify_time: ({ account, ordinal }) => timeText(modifiedAt(account, 'campaign', ordinal) ?? 0),
};
