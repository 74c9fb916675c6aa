import type { Pass } from './resource.ts';

/** Where campaigns were made. Unasked the API leaves out those that were promoted in the TikTok app (docs 1739315828649986). */
export const everyOrigin = { campaign_system_origins: ['TT_ADS_PLATFORM', 'PROMOTE'] } as const;

/**
 * What campaigns and ads need to be asked twice for: TopView has to be the only buying type of a request (docs 1739315828649986).
 * Without a status filter the API leaves deleted ones out.
 */
export const entityPasses = [
  { name: 'all', when: 'include-deleted', query: { filtering: { ...everyOrigin, primary_status: 'STATUS_ALL' } } },
  { name: 'not deleted', when: 'exclude-deleted', query: { filtering: everyOrigin } },
  {
    name: 'TopView',
    when: 'include-deleted',
    query: { filtering: { buying_types: ['RESERVATION_TOP_VIEW'], primary_status: 'STATUS_ALL' } },
  },
  { name: 'TopView, not deleted', when: 'exclude-deleted', query: { filtering: { buying_types: ['RESERVATION_TOP_VIEW'] } } },
] as const satisfies readonly Pass[];

/** The same for ad groups, of which a TopView page holds 100 at most (docs 1739314558673922). */
export const adGroupPasses = [
  entityPasses[0],
  entityPasses[1],
  { ...entityPasses[2], pageSizeMax: 100 },
  { ...entityPasses[3], pageSizeMax: 100 },
] as const satisfies readonly Pass[];
