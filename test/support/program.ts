import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../../scripts/lib/paths.mjs';
import type { Simulator } from '../../src/simulator/index.ts';

/** The executable as a process of its own, on a simulator, as a person or Dagster would start it. */
export interface ProgramRun {
  readonly simulator: Pick<Simulator, 'url' | 'advertiserIds'>;
  /** Working directory: configuration, DuckDB file, temporary files and shared quota lie in it. */
  readonly folder: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface RunningProgram {
  readonly pid: number;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Ends the child's standard input, as the death of its parent does. */
  readonly endInput: () => void;
  readonly ended: Promise<Ended>;
  readonly errors: () => string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What `--json` printed; null if it printed nothing. */
  readonly result: ProgramResult | null;
  readonly errors: string;
}

export interface ProgramResult {
  readonly load_id: string;
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
  readonly checks: readonly { readonly name: string; readonly passed: boolean; readonly severity: string }[];
  readonly metadata: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly error: { readonly code: string | null; readonly message: string } | null;
}

/** The bundled program, as users have it; it starts in a third of the time that reading hundreds of source files takes. */
export const executable = main;
const running = new Set<ChildProcess>();
let started = 0;

/** Takes away what a test that failed has left running; for `afterEach`. */
export function endPrograms(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Starts `run --json`. */
export function startProgram(given: ProgramRun): RunningProgram {
  const { folder } = given;
  mkdirSync(folder, { recursive: true });
  started += 1;
  const config = join(folder, `defs-${started}.yaml`);
  writeFileSync(config, componentYaml(given));
  const child = spawn(process.execPath, [executable, 'run', '--config', config, '--json', ...(given.words ?? [])], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      TIKTOK_ADS_TEMP_DIR: join(folder, 'temporary'),
      TIKTOK_ADS_STATE_DIR: join(folder, 'state'),
      ...given.environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  // The child may be gone before its input is ended.
  child.stdin.on('error', () => undefined);
  const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8');
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    running.delete(child);
    const printed = text(output);
    // The executable writes one JSON object of this shape.
    const result = printed === '' ? null : (JSON.parse(printed) as ProgramResult);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, result, errors: text(errors) };
  });
  return {
    pid: child.pid ?? 0,
    kill: (signal) => child.kill(signal),
    endInput: () => child.stdin.end(),
    ended,
    errors: () => text(errors),
  };
}

/** JSON is YAML. */
function componentYaml({ simulator, attributes }: ProgramRun): string {
  return JSON.stringify({
    type: 'dagster_component_templates.TikTokAdsIngestionComponent',
    attributes: {
      asset_name: 'ads',
      access_token: 'simulated-access-token',
      advertiser_ids: [...simulator.advertiserIds],
      api_base_url: simulator.url,
      destination_config: { credentials: 'warehouse.duckdb' },
      requests_per_second: 1_000,
      requests_per_minute: 60_000,
      ...attributes,
    },
  });
}

/** Resolves when `happened` holds; rejects after `limitMs`. */
export async function until(happened: () => boolean, limitMs = 20_000): Promise<void> {
  const endsAt = Date.now() + limitMs;
  while (!happened()) {
    if (Date.now() > endsAt) throw new Error('It did not happen in time.');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
