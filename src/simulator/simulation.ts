import type { Account } from './account.ts';
import { type Clock, createClock } from './clock.ts';
import { createFaults, type Faults } from './faults.ts';
import type { AppOptions, Options } from './options.ts';
import { createQuota, type Quota } from './quota.ts';
import { Refusal } from './refusal.ts';
import { createReportCache, type ReportCache } from './report-cache.ts';
import { createRecorder, type Recorder } from './statistics.ts';
import { createTasks, type Tasks } from './tasks.ts';
import { createWorld, type World } from './world.ts';

/** Everything one simulator has. */
export interface Simulation {
  readonly options: Options;
  readonly world: World;
  readonly clock: Clock;
  readonly realNow: () => number;
  readonly apps: readonly AppOptions[];
  readonly revoked: Set<string>;
  readonly quota: Quota;
  readonly faults: Faults;
  readonly recorder: Recorder;
  readonly reports: ReportCache;
  readonly tasks: Tasks;
}

export function createSimulation(options: Options, realNow: () => number): Simulation {
  const startMs = options.now === undefined ? realNow() : new Date(options.now).getTime();
  const world = createWorld(options, startMs);
  const clock = createClock({ startMs, frozen: options.frozen, restatement: options.restatement, realNow, zones: world.zones });
  const { accessToken, appId, secret, accountScope, asyncReports } = options;
  return {
    options,
    world,
    clock,
    realNow,
    apps: options.apps ?? [{ accessToken, appId, secret, accountScope, asyncReports }],
    revoked: new Set(),
    quota: createQuota(options.quota, options.sandbox, realNow),
    faults: createFaults(options.faults),
    recorder: createRecorder(options.requestsKept),
    reports: createReportCache(),
    tasks: createTasks(options.taskChecks),
  };
}

/** The app a token belongs to. Throws 40104 and 40105 as TikTok does. */
export function appOf({ apps, options, revoked }: Simulation, accessToken: string | undefined): AppOptions {
  if (accessToken === undefined || accessToken === '') {
    throw new Refusal(40104, 'Access token is null, you should set it in http header with key Access-Token.');
  }
  const found =
    apps.find((app) => app.accessToken === accessToken) ??
    (options.anyToken && !/^bearer /i.test(accessToken) ? apps[0] : undefined);
  if (found === undefined || revoked.has(accessToken)) throw new Refusal(40105, 'Access token is incorrect or has been revoked.');
  return found;
}

/** An account this app may read. Throws 40001 if it may not, or there is none. */
export function accountOf({ world }: Simulation, app: AppOptions, advertiserId: string): Account {
  const account = world.account(advertiserId);
  if (account === undefined || account.access === 'deleted') {
    throw new Refusal(40001, `Advertiser ${advertiserId} doesn't exist or has been deleted.`);
  }
  if (account.access === 'denied' || app.advertiserIds?.includes(advertiserId) === false) {
    throw new Refusal(40001, `No permission to operate advertiser ${advertiserId}.`);
  }
  return account;
}

/** Ids of the accounts this app is authorized for. */
export function authorizedIds({ world }: Simulation, app: AppOptions): readonly string[] {
  return world.advertiserIds.filter((id) => app.advertiserIds?.includes(id) ?? world.account(id)?.access === 'granted');
}
