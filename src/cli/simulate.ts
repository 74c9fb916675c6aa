import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError, describe } from '../errors.ts';
import type { RunEnvironment } from '../run.ts';
import { type Simulator, startSimulator } from '../simulator/index.ts';
import { parseOptions, type SimulatorOptions } from '../simulator/options.ts';
import { type CommandLine, exitConfigError, parseCommandLine } from './arguments.ts';
import { type CommandIo, styleFor } from './io.ts';
import type { CommandPage } from './page.ts';

const numberMax = Number.MAX_SAFE_INTEGER;
const page = {
  name: 'simulate',
  about:
    "Serves a model of TikTok's Marketing API v1.3 on this machine until it is interrupted. The same seed makes the same accounts and numbers; the API's rules and quotas hold; faults can be ordered.",
  words: 'none',
  synopsis: '[--port PORT] [--advertisers COUNT|IDS] [options]',
  options: {
    port: { kind: 'count', value: 'PORT', most: 65_535, default: 'a free port', description: 'where to listen' },
    seed: { kind: 'count', value: 'N', most: numberMax, default: '1', description: 'another world' },
    advertisers: {
      kind: 'text',
      value: 'LIST',
      default: '3',
      description: 'how many accounts, or their ids separated by commas; any other id is refused',
    },
    'any-advertiser': { kind: 'switch', description: 'every numeric id is an account' },
    'access-token': { kind: 'text', value: 'TEXT', default: 'simulated-access-token', description: 'the right token' },
    campaigns: { kind: 'count', value: 'N', most: 100_000, default: '6', description: 'campaigns per account' },
    'ad-groups': { kind: 'count', value: 'N', most: 10_000, default: '3', description: 'ad groups per campaign' },
    ads: { kind: 'count', value: 'N', most: 10_000, default: '3', description: 'ads per ad group' },
    now: {
      kind: 'text',
      value: 'TIME',
      default: 'the real time',
      description: 'simulated time at the start, as 2025-06-01T12:00:00Z',
    },
    frozen: { kind: 'switch', description: 'simulated time stands still' },
    'no-quota': {
      kind: 'switch',
      description: 'keep no quota; without this, that of TikTok’s Basic tier: 10 requests a second, 600 a minute, 864,000 a day',
    },
    sandbox: { kind: 'switch', description: "TikTok's sandbox: other quotas, twelve days of numbers" },
    latency: {
      kind: 'count',
      value: 'MS',
      most: numberMax,
      default: '0',
      description: 'every answer waits so many milliseconds',
    },
    faults: { kind: 'text', value: 'FILE', default: 'none', description: 'a JSON list of faults, see docs/simulator.md' },
    options: {
      kind: 'text',
      value: 'FILE',
      default: 'none',
      description: "a JSON object of all the simulator's options; the options above win",
    },
    json: { kind: 'switch', description: 'print one JSON object: address, token, accounts' },
  },
  examples: [
    { line: 'tiktok-ads simulate --port 8099', does: 'prints the two variables and the YAML to use it with' },
    {
      line: 'tiktok-ads simulate --advertisers 1234567890,9876543210 --no-quota --json',
      does: 'for a test: these accounts, no waiting, an address that a program can read',
    },
  ],
  exits: { 0: 'it was interrupted', 1: 'it could not listen', 2: 'there is a mistake in a file or on the command line' },
  more: 'While it runs: GET /_control/stats, POST /_control/faults, /_control/clock, /_control/world, /_control/truth, /_control/reset.',
} as const satisfies CommandPage;

/** `tiktok-ads simulate`: a model of TikTok to try things on. Ends when the environment's signal is aborted. */
export async function simulateCommand(
  argv: readonly string[],
  io: CommandIo,
  environment: () => RunEnvironment,
): Promise<number> {
  const parsed = parseCommandLine(page, argv, io);
  if (typeof parsed === 'number') return parsed;
  const { clock, signal } = environment();
  try {
    const options = parseOptions(optionsFrom(parsed, io));
    const simulator = await startSimulator(options, clock.now);
    io.stdout(
      parsed.has('json') ? `${JSON.stringify(describeAsJson(simulator, options))}\n` : describeForPeople(simulator, options, io),
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

function optionsFrom({ text, count, has }: CommandLine<keyof typeof page.options>, io: CommandIo): Record<string, unknown> {
  const file = readJson(text('options'), io) ?? {};
  const faults = readJson(text('faults'), io);
  const advertisers = text('advertisers');
  const given: Record<string, unknown> = {
    port: count('port'),
    seed: count('seed'),
    advertisers: advertisers === undefined ? undefined : accountsOf(advertisers),
    anyAdvertiser: has('any-advertiser') || undefined,
    accessToken: text('access-token'),
    campaigns: count('campaigns'),
    adGroupsPerCampaign: count('ad-groups'),
    adsPerAdGroup: count('ads'),
    now: text('now'),
    frozen: has('frozen') || undefined,
    quota: has('no-quota') ? false : undefined,
    sandbox: has('sandbox') || undefined,
    latencyMs: count('latency'),
    faults,
  };
  return { ...(file as object), ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

/** A short number is a count; anything else, a list of ids. */
function accountsOf(text: string): number | readonly string[] {
  return /^\d{1,5}$/.test(text) ? Number(text) : text.split(',').map((id) => id.trim());
}

function readJson(path: string | undefined, io: CommandIo): unknown {
  if (path === undefined) return undefined;
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
