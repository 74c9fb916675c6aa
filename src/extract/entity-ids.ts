import { SourceError } from '../errors.ts';
import type { IdFilter, ReportPass } from '../plan/queries.ts';
import type { Query } from '../plan/task.ts';
import type { ApiAnswer, Client } from '../tiktok/client.ts';
import { everyOrigin } from '../tiktok/entity-passes.ts';
import type { DataLevel } from '../tiktok/report-types.ts';
import type { Ledger } from './ledger.ts';

/** What is known of accounts' entities beside their rows: who has TopView campaigns, and ids to split a report by. Each is read once a run. */
export interface EntityIds {
  readonly hasTopView: (advertiserId: string) => Promise<boolean>;
  /** Takes the answer to `hasTopView` from a query that was made anyway. */
  readonly learn: (query: Query, advertiserIds: readonly string[], answer: ApiAnswer) => void;
  /** Filters that together name every entity of a pass, few calls first. */
  readonly filters: (entities: Entities) => Promise<readonly IdFilter[]>;
  /** A filter that still names too many, in smaller parts; none if it names only one. */
  readonly finer: (entities: Entities, filter: IdFilter) => Promise<readonly IdFilter[]>;
}

/** Whose entities, of which level and pass. */
export interface Entities {
  readonly advertiserId: string;
  readonly level: DataLevel;
  readonly pass: ReportPass;
}

/** A filter takes at most this many ids (docs 1740302848100353). */
const idsPerFilter = 100;
/** How many ids an answer considers; parts are kept a little below it. */
const considered = 18_000;
const entityPageSize = 1_000;
/** A list that moved while it was read lacks ids; after so many readings the account's total has to tell. */
const readingsMax = 4;
const topView = 'RESERVATION_TOP_VIEW';
/** Whose answers tell which accounts have TopView campaigns. */
export const campaignPath = 'campaign/get/';
/** Codes for a token that lacks a scope or a permission, while others of its calls may work. */
const notAllowed: readonly string[] = ['40001', '40003', '40118', '40130', '40131'];

interface Entity {
  readonly campaignId: string;
  readonly id: string;
}

interface LevelSource {
  readonly path: string;
  readonly id: 'campaign_id' | 'adgroup_id' | 'ad_id';
  readonly filter: IdFilter['field'];
  /** A list of TopView ad groups has smaller pages than others (docs 1739314558673922). */
  readonly pageSize: Readonly<Record<ReportPass, number>>;
}

const pageSizes = { all: entityPageSize, 'top-view': entityPageSize } as const;

const sources: Readonly<Record<Exclude<DataLevel, 'AUCTION_ADVERTISER'>, LevelSource>> = {
  AUCTION_CAMPAIGN: { path: campaignPath, id: 'campaign_id', filter: 'campaign_ids', pageSize: pageSizes },
  AUCTION_ADGROUP: {
    path: 'adgroup/get/',
    id: 'adgroup_id',
    filter: 'adgroup_ids',
    pageSize: { ...pageSizes, 'top-view': 100 },
  },
  AUCTION_AD: { path: 'ad/get/', id: 'ad_id', filter: 'ad_ids', pageSize: pageSizes },
};

export function createEntityIds(client: Client, ledger: Ledger): EntityIds {
  const known = new Map<string, Promise<boolean>>();
  const lists = new Map<string, Promise<readonly Entity[]>>();

  const ask = async (advertiserId: string): Promise<boolean> => {
    ledger.note('probe');
    const asked = client.get({
      path: campaignPath,
      query: {
        advertiser_id: advertiserId,
        fields: ['campaign_id'],
        filtering: { buying_types: [topView], primary_status: 'STATUS_ALL' },
        page: 1,
        page_size: 1,
      },
      label: `the TopView campaigns of advertiser ${advertiserId}`,
      advertiserIds: [advertiserId],
      priority: 1,
    });
    // A token for reports alone may not read campaigns: then the TopView pass is made to be sure.
    const answer = await asked.catch((error: unknown) => {
      if (error instanceof SourceError && notAllowed.includes(error.code ?? '')) return null;
      throw error;
    });
    return answer === null || (answer.envelope.pageInfo?.totalNumber ?? 0) > 0;
  };

  const entitiesOf = ({ advertiserId, pass }: Entities, source: LevelSource): Promise<readonly Entity[]> => {
    const key = `${advertiserId}/${source.id}/${pass}`;
    const listed = lists.get(key) ?? list(advertiserId, source, pass, 1);
    lists.set(key, listed);
    return listed;
  };

  const list = async (
    advertiserId: string,
    source: LevelSource,
    pass: ReportPass,
    reading: number,
  ): Promise<readonly Entity[]> => {
    const page = async (number: number): Promise<ApiAnswer> => {
      ledger.note(reading === 1 ? 'split' : 'reread');
      return client.get({
        path: source.path,
        query: {
          advertiser_id: advertiserId,
          fields: source.id === 'campaign_id' ? ['campaign_id'] : ['campaign_id', source.id],
          filtering: { ...(pass === 'top-view' ? { buying_types: [topView] } : everyOrigin), primary_status: 'STATUS_ALL' },
          page: number,
          page_size: source.pageSize[pass],
        },
        label: `the ids of ${source.path} of advertiser ${advertiserId}, page ${number}`,
        advertiserIds: [advertiserId],
        priority: 1,
      });
    };
    const first = await page(1);
    const pages = first.envelope.pageInfo?.totalPage ?? 1;
    const rest = await Promise.all(Array.from({ length: Math.max(0, pages - 1) }, (_, index) => page(index + 2)));
    const entities = [first, ...rest].flatMap((answer) => idsIn(answer, source));
    const announced = new Set([first, ...rest].map((answer) => answer.envelope.pageInfo?.totalNumber));
    const distinct = new Set(entities.map((entity) => entity.id)).size;
    const moved = announced.size > 1 || !announced.has(distinct) || entities.length !== distinct;
    return moved && reading < readingsMax ? list(advertiserId, source, pass, reading + 1) : entities;
  };

  const byId = (entities: readonly Entity[], source: LevelSource): readonly IdFilter[] =>
    inGroups(entities.map((entity) => entity.id)).map((ids) => ({ field: source.filter, ids }));

  return {
    hasTopView: (advertiserId) => {
      const answer = known.get(advertiserId) ?? ask(advertiserId);
      known.set(advertiserId, answer);
      return answer;
    },
    learn: (query, advertiserIds, answer) => {
      const filtering = query.parameters['filtering'];
      const isTopView = query.path === 'campaign/get/' && JSON.stringify(filtering ?? null).includes(topView);
      const id = advertiserIds[0];
      if (isTopView && id && !known.has(id)) known.set(id, Promise.resolve((answer.envelope.pageInfo?.totalNumber ?? 0) > 0));
    },
    filters: async (asked) => {
      if (asked.level === 'AUCTION_ADVERTISER') return [];
      const source = sources[asked.level];
      if (source.id === 'campaign_id') return byId(await entitiesOf(asked, source), source);
      // Reports know ads that no list has; naming their campaign brings them too.
      const [campaigns, entities] = await Promise.all([entitiesOf(asked, sources.AUCTION_CAMPAIGN), entitiesOf(asked, source)]);
      const counts = new Map<string, number>(campaigns.map(({ campaignId }) => [campaignId, 0]));
      for (const { campaignId } of entities) counts.set(campaignId, (counts.get(campaignId) ?? 0) + 1);
      return packed(counts);
    },
    finer: async (asked, filter) => {
      if (asked.level === 'AUCTION_ADVERTISER') return [];
      const source = sources[asked.level];
      if (filter.ids.length > 1) {
        const middle = Math.ceil(filter.ids.length / 2);
        return [filter.ids.slice(0, middle), filter.ids.slice(middle)].map((ids) => ({ field: filter.field, ids }));
      }
      if (filter.field !== 'campaign_ids' || source.id === 'campaign_id') return [];
      const entities = await entitiesOf(asked, source);
      return byId(
        entities.filter((entity) => entity.campaignId === filter.ids[0]),
        source,
      );
    },
  };
}

/** Campaigns packed so that a part names at most 100 of them with at most as many entities as an answer considers. */
function packed(counts: ReadonlyMap<string, number>): readonly IdFilter[] {
  const parts: string[][] = [];
  let entities = Number.POSITIVE_INFINITY;
  for (const [campaignId, count] of counts) {
    const part = parts.at(-1);
    if (!part || part.length >= idsPerFilter || entities + count > considered) {
      parts.push([campaignId]);
      entities = count;
    } else {
      part.push(campaignId);
      entities += count;
    }
  }
  return parts.map((ids) => ({ field: 'campaign_ids', ids }));
}

function inGroups(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / idsPerFilter) }, (_, index) =>
    ids.slice(index * idsPerFilter, (index + 1) * idsPerFilter),
  );
}

function idsIn(answer: ApiAnswer, source: LevelSource): readonly Entity[] {
  // The envelope was checked by the client; a record without these fields is left out by the filter.
  const parsed = JSON.parse(answer.body.toString('utf8')) as {
    readonly data?: { readonly list?: readonly Readonly<Record<string, unknown>>[] };
  };
  return (parsed.data?.list ?? [])
    .map((record) => ({ campaignId: String(record['campaign_id'] ?? ''), id: String(record[source.id] ?? '') }))
    .filter((entity) => entity.id !== '');
}
