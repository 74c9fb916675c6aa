import { adFields } from '../entities/ad.ts';
import { adName } from '../entities/texts.ts';
import type { Endpoint } from './endpoint.ts';
import { type EntityList, listEntities, nameFilter } from './entity-list.ts';

const list: EntityList = {
  kind: 'ad',
  fields: adFields,
  filters: { ad_name: nameFilter(({ account, ordinal }) => adName(account, ordinal)) },
  statusPrefix: 'AD',
};

/** `ad/get/` (docs 1735735588640770). */
export const adGet: Endpoint = { method: 'GET', authenticated: true, sandbox: true, answer: (call) => listEntities(list, call) };
