import { createHash } from 'node:crypto';
import type { Config } from './config/config.ts';
import type { RunEnvironment } from './run.ts';
import { type Client, createClient } from './tiktok/client.ts';
import { fileQuotaStore } from './tiktok/quota-store.ts';
import { createRateLimiter } from './tiktok/rate-limit.ts';

/** A client on TikTok, its sandbox, or the simulator inside this process. */
export interface SourceClient {
  readonly client: Client;
  /** The configuration, with the simulator's accounts where it has none of its own. */
  readonly config: Config;
  readonly close: () => Promise<void>;
}

const apiBaseUrls = {
  live: 'https://business-api.tiktok.com/open_api/v1.3/',
  sandbox: 'https://sandbox-ads.tiktok.com/open_api/v1.3/',
} as const;

/** Accounts of `mode: simulate` where the configuration names none. */
const simulatedAccounts = ['7000000000001', '7000000000002'];

export async function createSourceClient(
  config: Config,
  environment: RunEnvironment,
  onWait: (message: string) => void,
): Promise<SourceClient> {
  if (config.mode === 'simulate' && config.apiBaseUrl === null) {
    const { startSimulator } = await import('./simulator/index.ts');
    const simulator = await startSimulator({ anyAdvertiser: true, anyToken: true, quota: false });
    const client = clientFor(config, environment, simulator.url, config.accessToken || 'simulator', onWait);
    return {
      client,
      config: { ...config, advertiserIds: config.advertiserIds ?? simulatedAccounts },
      close: async () => {
        await client.close();
        await simulator.close();
      },
    };
  }
  const baseUrl = config.apiBaseUrl ?? apiBaseUrls[config.mode === 'sandbox' ? 'sandbox' : 'live'];
  const client = clientFor(config, environment, baseUrl, config.accessToken, onWait);
  return { client, config, close: () => client.close() };
}

function clientFor(
  config: Config,
  environment: RunEnvironment,
  baseUrl: string,
  accessToken: string,
  onWait: (message: string) => void,
): Client {
  const { perSecond, perMinute, perDay, maxConcurrency } = config.quota;
  const quota = { perSecond, perMinute, perDay };
  const app = config.appId ?? createHash('sha256').update(accessToken).digest('hex');
  // An address of its own has a quota of its own: simulators on one machine do not share one.
  const store = fileQuotaStore(environment.stateDirectory, `${new URL(baseUrl).host}/${app}`);
  return createClient({
    baseUrl,
    accessToken,
    quota,
    limiter: createRateLimiter(quota, store, environment.clock),
    maxConcurrency,
    timeoutMs: environment.requestTimeoutMs,
    clock: environment.clock,
    random: environment.random,
    signal: environment.signal,
    onWait,
  });
}
