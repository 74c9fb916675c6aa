import { passesOf } from '../plan/queries.ts';
import type { ExtractTask, Query } from '../plan/task.ts';
import type { ApiAnswer, Client } from '../tiktok/client.ts';
import type { Progress } from './extract.ts';
import type { Ledger } from './ledger.ts';
import { quoteName } from './rows.ts';
import type { Staging } from './staging.ts';

export interface ReachOptions {
  readonly client: Client;
  readonly staging: Staging;
  readonly ledger: Ledger;
  readonly includeDeleted: boolean;
  readonly append: (query: Query, progress: Progress, page: number, answer: ApiAnswer) => Promise<void>;
}

export interface BeyondReach {
  /** Passes added: 0 or 1. */
  readonly passes: number;
  /**
   * Records that the search counts and that neither it nor any ad's ids lead to. Null: the search's own count ends at what it shows, so that
   * nobody can tell.
   */
  readonly unreachable: number | null;
}

const nothingBeyond: BeyondReach = { passes: 0, unreachable: 0 };

/**
 * File searches reach the newest 10,000 only (docs 1740050472224769). Where an account has that many, older files are read by the
 * ids that its ads carry. What no ad carries stays out of reach and is counted (ruling 10).
 */
export async function readBeyondReach(options: ReachOptions, task: ExtractTask, progress: Progress): Promise<BeyondReach> {
  const { source } = task.table;
  const main = task.queries[0];
  if (source.kind !== 'resource' || !source.resource.reach || !main) return nothingBeyond;
  const { reach, primaryKey } = source.resource;
  const key = `${main.layout.name}/${main.pass}`;
  const total = progress.expected.get(key) ?? 0;
  if (total < reach.newest) return nothingBeyond;
  // The search tells how many there are but shows the newest only.
  progress.expected.set(key, Math.min(total, reach.newest));

  const carried = await idsCarried(options, task, reach.from);
  await options.staging.flush(main.layout);
  const idColumn = primaryKey.find((name) => name !== 'advertiser_id') ?? '';
  const seen = await options.staging.rows(
    `SELECT ${quoteName(idColumn)} AS id FROM ${quoteName(main.layout.name)} WHERE _unit = ${progress.unit}`,
  );
  const have = new Set(seen.map((row) => String(row['id'])));
  const missing = [...carried].filter((id) => !have.has(id));
  const calls = Array.from({ length: Math.ceil(missing.length / reach.idsMax) }, (_, index) =>
    missing.slice(index * reach.idsMax, (index + 1) * reach.idsMax),
  );
  const query: Query = { ...main, path: reach.infoPath, pageSize: null, pass: main.pass + 1 };
  await Promise.all(
    calls.map(async (ids, index) => {
      options.ledger.note('reach');
      const parameters = { advertiser_id: task.advertiserIds[0] ?? '', [reach.idsParameter]: ids };
      const answer = await options.client.get({
        path: reach.infoPath,
        query: parameters,
        label: `${main.label} by id`,
        advertiserIds: task.advertiserIds,
        priority: 1,
      });
      await options.append(query, progress, index + 1, answer);
    }),
  );
  await options.staging.flush(main.layout);
  const [row] = await options.staging.rows(
    `SELECT count(DISTINCT ${quoteName(idColumn)}) AS files FROM ${quoteName(main.layout.name)} WHERE _unit = ${progress.unit}`,
  );
  return { passes: 1, unreachable: total === reach.newest ? null : Math.max(0, total - Number(row?.['files'] ?? 0)) };
}

interface Carrier {
  readonly path: string;
  readonly records: string;
  readonly field: string;
  readonly pageSizeMax: number;
  readonly passes: Parameters<typeof passesOf>[0];
}

/** Ids of this resource that another one's records carry, as a text or a list of texts. */
async function idsCarried(options: ReachOptions, task: ExtractTask, from: Carrier): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const pass of passesOf(from.passes, options.includeDeleted)) {
    for (let page = 1, pages = 1; page <= pages; page += 1) {
      options.ledger.note('reach');
      const answer = await options.client.get({
        path: from.path,
        query: {
          advertiser_id: task.advertiserIds[0] ?? '',
          fields: [from.field],
          ...pass.query,
          page,
          page_size: pass.pageSizeMax ?? from.pageSizeMax,
        },
        label: `${from.field} of ${from.path}`,
        advertiserIds: task.advertiserIds,
        priority: 1,
      });
      pages = answer.envelope.pageInfo?.totalPage ?? 1;
      // Shape checked by the client down to the envelope; anything else has no ids.
      const parsed = JSON.parse(answer.body.toString('utf8')) as {
        readonly data?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
      };
      for (const record of parsed.data?.[from.records] ?? []) {
        const value = record[from.field];
        for (const id of Array.isArray(value) ? value : [value]) if (typeof id === 'string' && id !== '') found.add(id);
      }
    }
  }
  return found;
}
