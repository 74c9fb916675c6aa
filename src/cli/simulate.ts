import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError, describe } from '../errors.ts';
import type { RunEnvironment } from '../run.ts';
import { type Simulator, startSimulator } from '../simulator/index.ts';
import { parseOptions, type SimulatorOptions } from '../simulator/options.ts';
import { type CommandLine, exitConfigError, parseCommandLine } from './arguments.ts';
import { type CommandIo, styleFor } from './io.ts';

const usage = `Usage: tiktok-ads simulate [--port PORT] [--advertisers COUNT|IDS] [options]

Serves a model of TikTok's Marketing API v1.3 on this machine until it is interrupted. The same seed makes the same accounts
and numbers; the API's rules and quotas hold; faults can be ordered.

  --port PORT          where to listen; a free port if left out
  --seed N             another world (1)
  --advertisers LIST   how many accounts, or their ids separated by commas (3); any other numeric id is refused
  --any-advertiser     every numeric id is an account
  --access-token TEXT  the right token (simulated-access-token)
  --campaigns N, --ad-groups N, --ads N
                       campaigns per account, ad groups per campaign, ads per ad group (6, 3, 3)
  --now TIME           simulated time at the start, as 2025-06-01T12:00:00Z (the real time)
  --frozen             simulated time stands still
  --no-quota           answer as fast as possible, instead of 10 requests a second as TikTok does
  --sandbox            TikTok's sandbox: other quotas, twelve days of numbers
  --latency MS         every answer waits this long (0)
  --faults FILE        a JSON list of faults, see docs/simulator.md
  --options FILE       a JSON object of all the simulator's options; the options above win
  --json               print one JSON object

While it runs: GET /_control/stats, POST /_control/faults, /_control/clock, /_control/world, /_control/truth, /_control/reset.`;

const argumentOptions = {
  port: { type: 'string' },
  seed: { type: 'string' },
  advertisers: { type: 'string' },
  'any-advertiser': { type: 'boolean' },
  'access-token': { type: 'string' },
  campaigns: { type: 'string' },
  'ad-groups': { type: 'string' },
  ads: { type: 'string' },
  now: { type: 'string' },
  frozen: { type: 'boolean' },
  'no-quota': { type: 'boolean' },
  sandbox: { type: 'boolean' },
  latency: { type: 'string' },
  faults: { type: 'string' },
  options: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** `tiktok-ads simulate`: a model of TikTok to try things on. Ends when the environment's signal is aborted. */
export async function simulateCommand(
  argv: readonly string[],
  io: CommandIo,
  environment: () => RunEnvironment,
): Promise<number> {
  const parsed = parseCommandLine(argv, argumentOptions, io, usage);
  if (parsed === null) return exitConfigError;
  if (parsed.values['help'] === true) {
    io.stdout(`${usage}\n`);
    return 0;
  }
  const { clock, signal } = environment();
  try {
    const options = parseOptions(optionsFrom(parsed, io));
    const simulator = await startSimulator(options, clock.now);
    io.stdout(
      parsed.values['json'] === true
        ? `${JSON.stringify(describeAsJson(simulator, options))}\n`
        : describeForPeople(simulator, options, io),
    );
    await new Promise<void>((resolveWait) => {
      if (signal.aborted) resolveWait();
      signal.addEventListener('abort', () => resolveWait(), { once: true });
    });
    await simulator.close();
    return 0;
  } catch (error) {
    const { message } = describe(error);
    io.stderr(`${message}\n`);
    return error instanceof ConfigError ? exitConfigError : 1;
  }
}

function optionsFrom({ values }: CommandLine, io: CommandIo): Record<string, unknown> {
  const file = readJson(values['options'], io) ?? {};
  const faults = readJson(values['faults'], io);
  const advertisers = values['advertisers'];
  const given: Record<string, unknown> = {
    port: numberOf(values['port']),
    seed: numberOf(values['seed']),
    advertisers: typeof advertisers === 'string' ? accountsOf(advertisers) : undefined,
    anyAdvertiser: values['any-advertiser'],
    accessToken: values['access-token'],
    campaigns: numberOf(values['campaigns']),
    adGroupsPerCampaign: numberOf(values['ad-groups']),
    adsPerAdGroup: numberOf(values['ads']),
    now: values['now'],
    frozen: values['frozen'],
    quota: values['no-quota'] === true ? false : undefined,
    sandbox: values['sandbox'],
    latencyMs: numberOf(values['latency']),
    faults,
  };
  return { ...(file as object), ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

/** A short number is a count; anything else, a list of ids. */
function accountsOf(text: string): number | readonly string[] {
  return /^\d{1,5}$/.test(text) ? Number(text) : text.split(',').map((id) => id.trim());
}

/** What is no number stays as it is, for the options' own check to refuse. */
function numberOf(text: string | boolean | undefined): unknown {
  if (typeof text !== 'string') return undefined;
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}

function readJson(path: string | boolean | undefined, io: CommandIo): unknown {
  if (typeof path !== 'string') return undefined;
  try {
    return JSON.parse(readFileSync(resolve(io.cwd, path), 'utf8'));
  } catch (cause) {
    throw new ConfigError(`${path} could not be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function describeAsJson(
  simulator: Simulator,
  options: Required<Pick<SimulatorOptions, 'accessToken' | 'appId' | 'secret' | 'seed'>>,
): unknown {
  return {
    url: simulator.url,
    control_url: simulator.controlUrl,
    port: simulator.port,
    seed: options.seed,
    access_token: options.accessToken,
    app_id: options.appId,
    secret: options.secret,
    advertiser_ids: simulator.advertiserIds,
  };
}

function describeForPeople(
  simulator: Simulator,
  options: Required<Pick<SimulatorOptions, 'accessToken'>>,
  io: CommandIo,
): string {
  const { bold, dim } = styleFor(io);
  const shown = simulator.advertiserIds.slice(0, 5);
  const ids = shown.length > 0 ? shown.join(',') : '1234567890';
  const more =
    simulator.advertiserIds.length > shown.length
      ? `  ${dim(`# and ${simulator.advertiserIds.length - shown.length} more`)}`
      : '';
  return `${bold(simulator.url)}

${dim('# environment')}
export TIKTOK_ADS_API_BASE_URL=${simulator.url}
export TIKTOK_ACCESS_TOKEN=${options.accessToken}

${dim('# defs.yaml')}
type: dagster_component_templates.TikTokAdsIngestionComponent
attributes:
  asset_name: tiktok_ads_data
  access_token: "\${TIKTOK_ACCESS_TOKEN}"
  advertiser_ids: "${ids}"${more}
  api_base_url: ${simulator.url}

Control: ${simulator.controlUrl}stats   ${dim('Ctrl+C ends it.')}
`;
}
