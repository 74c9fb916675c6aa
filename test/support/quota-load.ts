import { join } from 'node:path';
import { addDays } from '../../src/plan/window.ts';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import type { SimulatorOptions } from '../../src/simulator/options.ts';
import { type Ended, startProgram } from './program.ts';

export interface QuotaLoad {
  /** As many processes with one token, each with a warehouse of its own. */
  readonly processes: number;
  /** Calls that each process makes, at the least. */
  readonly callsEach: number;
  /** What the processes are told of the quota. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly simulator: SimulatorOptions;
  readonly folder: string;
}

export interface QuotaUse {
  readonly ended: readonly Ended[];
  readonly stats: ReturnType<Simulator['stats']>;
  /** From the first call that any process made until the last one. */
  readonly seconds: number;
}

/** Loads hours of one account, a call a day and one for its control total, and tells how the calls came in. */
export async function loadUnderQuota({
  processes,
  callsEach,
  attributes,
  simulator: options,
  folder,
}: QuotaLoad): Promise<QuotaUse> {
  const simulator = await startSimulator({ campaigns: 2, advertisers: 1, restatement: false, topViewCampaigns: 0, ...options });
  try {
    const end = addDays(new Date().toISOString().slice(0, 10), -10);
    const hours = {
      resources: 'reports',
      data_level: 'AUCTION_ADVERTISER',
      time_granularity: 'hour',
      start_date: addDays(end, 1 - Math.ceil(callsEach / 2)),
      end_date: end,
    };
    const running = Array.from({ length: processes }, (_, number) =>
      startProgram({
        simulator,
        folder: join(folder, `process-${number}`),
        attributes: { ...hours, requests_per_second: null, requests_per_minute: null, ...attributes },
        environment: { TIKTOK_ADS_STATE_DIR: join(folder, 'state') },
      }),
    );
    const ended = await Promise.all(running.map((one) => one.ended));
    const stats = simulator.stats();
    return { ended, stats, seconds: ((stats.lastCallAt ?? 0) - (stats.firstCallAt ?? 0)) / 1_000 };
  } finally {
    await simulator.close();
  }
}

/**
 * Share of the quota that was used while work was left: whole seconds' worth of calls, over the time until the call after them. The first call
 * of each process asks for the accounts, and nothing else can be asked before it is answered: these are left out.
 */
export function quotaUse({ stats, ended }: QuotaUse, perSecond: number): number {
  const times = stats.requests
    .map((request) => request.at)
    .toSorted((a, b) => a - b)
    .slice(ended.length);
  const whole = Math.floor((times.length - 1) / perSecond) * perSecond;
  const seconds = ((times[whole] ?? 0) - (times[0] ?? 0)) / 1_000;
  return whole / (perSecond * seconds);
}
