import { adGroupFields } from '../entities/ad-group.ts';
import { adGroupName } from '../entities/texts.ts';
import { promotionTypeOf } from '../entities/traits.ts';
import type { Endpoint } from './endpoint.ts';
import { type EntityList, listEntities, nameFilter } from './entity-list.ts';

const list: EntityList = {
  kind: 'adgroup',
  fields: adGroupFields,
  filters: {
    adgroup_name: nameFilter(({ account, ordinal }) => adGroupName(account, ordinal)),
    promotion_type:
      (value) =>
      ({ account, ordinal }) =>
        promotionTypeOf(account, ordinal) === value,
  },
  statusPrefix: 'ADGROUP',
};

/** `adgroup/get/` (docs 1739314558673922). */
export const adGroupGet: Endpoint = {
  method: 'GET',
  authenticated: true,
  sandbox: true,
  answer: (call) => listEntities(list, call),
};
