import { campaignFields, promotedFields } from '../entities/campaign.ts';
import { campaignName } from '../entities/texts.ts';
import type { Endpoint } from './endpoint.ts';
import { type EntityList, listEntities, nameFilter } from './entity-list.ts';

const list: EntityList = {
  kind: 'campaign',
  fields: campaignFields,
  filters: { campaign_name: nameFilter(({ account, ordinal }) => campaignName(account, ordinal)) },
  statusPrefix: 'CAMPAIGN',
  promotedFields,
};

/** `campaign/get/` (docs 1739315828649986). */
export const campaignGet: Endpoint = {
  method: 'GET',
  authenticated: true,
  sandbox: true,
  answer: (call) => listEntities(list, call),
};
