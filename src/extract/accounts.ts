import type { Config } from '../config/config.ts';
import { ConfigError, SourceError } from '../errors.ts';
import type { Account } from '../plan/account.ts';
import type { TablePlan } from '../plan/task.ts';
import { isTimeZone } from '../plan/window.ts';
import { apiCode } from '../tiktok/api-codes.ts';
import type { ApiAnswer, Client } from '../tiktok/client.ts';
import { prefetchKey } from './extract.ts';
import type { CallReason, Ledger } from './ledger.ts';

/** One account that could not be read, and why. */
export interface AccountFailure {
  readonly advertiserId: string;
  readonly error: SourceError;
}

export interface Accounts {
  readonly accounts: readonly Account[];
  readonly failures: readonly AccountFailure[];
  /** What a run should tell about the accounts. */
  readonly warnings: readonly string[];
  /** The answers of advertiser/info, so that the resource `advertisers` need not ask again. */
  readonly answers: ReadonlyMap<string, ApiAnswer>;
}

/** Ids of a call of advertiser/info (docs 1739593083610113 name no maximum; this many work). */
export const infoIdsMax = 100;
const infoPath = 'advertiser/info/';
/** A token may lack the scope for account settings and still have the one for reports. */
const lacksScope: readonly string[] = ['40130', '40131'];

/** Whether a table is read with the accounts' settings, before all else, and so costs no calls of its own. */
export function isAccountList(table: TablePlan): boolean {
  return table.source.kind === 'resource' && table.source.resource.path === infoPath;
}

/** Which accounts a run reads, with the zone and currency of each. `only` limits them to those that the run's partitions name. */
export async function findAccounts(
  client: Client,
  config: Config,
  ledger: Ledger,
  only: readonly string[] | null,
): Promise<Accounts> {
  const configured = config.advertiserIds ?? (await discover(client, config, ledger));
  const ids = only === null ? configured : configured.filter((id) => only.includes(id));
  const strangers = only?.filter((id) => !configured.includes(id)) ?? [];
  if (strangers.length > 0) {
    throw new ConfigError(`The partition names ${strangers.join(', ')}, which advertiser_ids does not have.`, {
      hint: 'Add the account to `advertiser_ids`, or remove the partition.',
    });
  }
  const found: Found = { accounts: new Map(), failures: [], answers: new Map() };
  const batches = Array.from({ length: Math.ceil(ids.length / infoIdsMax) }, (_, index) =>
    ids.slice(index * infoIdsMax, (index + 1) * infoIdsMax),
  );
  await Promise.all(batches.map((batch) => describeBatch(client, ledger, batch, 'planned', found)));
  return settle(ids, found);
}

interface Found {
  readonly accounts: Map<string, Account>;
  readonly failures: AccountFailure[];
  readonly answers: Map<string, ApiAnswer>;
}

async function discover(client: Client, config: Config, ledger: Ledger): Promise<readonly string[]> {
  ledger.note('planned');
  const answer = await client.get({
    path: 'oauth2/advertiser/get/',
    query: { app_id: config.appId ?? '', secret: config.secret ?? '' },
    label: 'the accounts that authorized the app',
    advertiserIds: [],
    priority: 0,
  });
  const ids = [...new Set(records(answer).map((record) => String(record['advertiser_id'] ?? '')))].filter((id) => id !== '');
  if (ids.length === 0) {
    throw new SourceError('No ad account has authorized this app.', {
      code: 'no_accounts',
      hint: 'Authorize the app in TikTok Ads Manager, or name the accounts in `advertiser_ids`.',
    });
  }
  return ids;
}

/** One call for many accounts. One refused account refuses the whole call: then halves are asked, down to the one at fault. */
async function describeBatch(
  client: Client,
  ledger: Ledger,
  ids: readonly string[],
  reason: CallReason,
  found: Found,
): Promise<void> {
  ledger.note(reason);
  let answer: ApiAnswer;
  try {
    answer = await client.get({
      path: infoPath,
      query: { advertiser_ids: ids },
      label: `the settings of ${ids.length} account(s)`,
      advertiserIds: ids,
      priority: 0,
    });
  } catch (error) {
    if (!(error instanceof SourceError) || !/^\d+$/.test(error.code ?? '')) throw error;
    if (lacksScope.includes(error.code ?? '')) {
      for (const advertiserId of ids) found.failures.push({ advertiserId, error });
      return;
    }
    if (apiCode(Number(error.code)).action === 'auth') throw error;
    if (ids.length === 1) {
      found.failures.push({ advertiserId: ids[0] ?? '', error });
      return;
    }
    const middle = Math.ceil(ids.length / 2);
    await Promise.all(
      [ids.slice(0, middle), ids.slice(middle)].map((part) => describeBatch(client, ledger, part, 'split', found)),
    );
    return;
  }
  found.answers.set(prefetchKey(infoPath, ids), answer);
  for (const record of records(answer)) {
    const account = accountOf(record);
    found.accounts.set(account.id, account);
  }
  for (const id of ids.filter((one) => !found.accounts.has(one))) {
    const error = new SourceError(
      `TikTok does not know the advertiser ${id}, or the token may not see it: advertiser/info leaves it out.`,
      {
        code: '40300',
        hint: apiCode(40_300).hint,
      },
    );
    found.failures.push({ advertiserId: id, error });
  }
}

/**
 * Where not one account could be described, the token probably lacks the account scope, and reports may still work (docs via PostHog):
 * the accounts are then read with days in UTC. Where some could, the others are refused accounts.
 */
function settle(ids: readonly string[], found: Found): Accounts {
  const warnings: string[] = [];
  const noneKnown = found.accounts.size === 0 && found.failures.length > 0;
  const accounts = ids.flatMap((id): readonly Account[] => {
    const account = found.accounts.get(id);
    if (account) return [account];
    return noneKnown ? [{ id, name: null, timeZone: 'UTC', currency: null, createdAt: null, known: false }] : [];
  });
  if (noneKnown) {
    warnings.push(
      `The accounts' time zones and currencies could not be read (${found.failures[0]?.error.message}); "today" is counted in UTC and currency is empty.`,
    );
  }
  for (const account of accounts)
    if (account.known && !isTimeZone(account.timeZone))
      warnings.push(`Advertiser ${account.id} has the unknown time zone ${account.timeZone}; its days are counted in UTC.`);
  return { accounts, failures: noneKnown ? [] : found.failures, warnings, answers: found.answers };
}

function accountOf(record: Readonly<Record<string, unknown>>): Account {
  const text = (key: string): string | null => (typeof record[key] === 'string' && record[key] !== '' ? record[key] : null);
  return {
    id: String(record['advertiser_id'] ?? ''),
    name: text('name'),
    timeZone: text('timezone') ?? 'UTC',
    currency: text('currency'),
    createdAt: typeof record['create_time'] === 'number' ? record['create_time'] : null,
    known: true,
  };
}

function records(answer: ApiAnswer): readonly Readonly<Record<string, unknown>>[] {
  // The client has checked the envelope; these lists are small (at most a few thousand short records).
  const parsed = JSON.parse(answer.body.toString('utf8')) as {
    readonly data?: { readonly list?: readonly Readonly<Record<string, unknown>>[] };
  };
  return parsed.data?.list ?? [];
}
