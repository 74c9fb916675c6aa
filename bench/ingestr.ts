import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { uvEnvironment } from '../scripts/lib/uv.mjs';

const root = resolve(import.meta.dirname, '..');
/** The last line of versions that are a Python program: from 0.15 on the package fetches a binary whose address nothing can change. */
const version = '0.14.155';
const folder = join(root, '.cache', 'bench', `ingestr-${version}`);
const python = join(folder, 'bin', 'python');

/** Its source has TikTok's address as a constant; only that is changed, in this process. */
const runner = `
import sys
import ingestr.src.tiktok_ads.tiktok_helpers as helpers
helpers.BASE_URL = sys.argv.pop(1) + "report/integrated/get/"
from ingestr.main import main
main()
`;

/** Without these it reports to its makers, and where that host is out of reach it tries for minutes, which is not its speed. */
export const ingestrEnvironment = { DISABLE_TELEMETRY: 'true', RUNTIME__DLTHUB_TELEMETRY: 'false' };

export interface IngestrCase {
  /** Ends in `/open_api/v1.3/`. */
  readonly url: string;
  readonly accountId: string;
  /** Comma-separated names, as the catalogue has them. */
  readonly metrics: string;
  readonly start: string;
  readonly end: string;
}

/** Its command line for the same rows: days of ads into a DuckDB file of the working directory. */
export function ingestrCommand(one: IngestrCase): readonly [string, ...string[]] {
  install();
  return [
    python,
    '-c',
    runner,
    one.url,
    'ingest',
    '--source-uri',
    `tiktok://?access_token=bench&advertiser_ids=${one.accountId}&timezone=UTC`,
    '--source-table',
    `custom:ad_id,stat_time_day:${one.metrics}`,
    '--dest-uri',
    'duckdb:///ingestr.duckdb',
    '--dest-table',
    'bench.reports',
    '--interval-start',
    one.start,
    '--interval-end',
    one.end,
    '--progress',
    'log',
    '--yes',
  ];
}

/** Rows in the table it made. */
export function ingestrRows(directory: string): number {
  const count =
    "import duckdb; print(duckdb.connect('ingestr.duckdb', read_only=True).execute('select count(*) from bench.reports').fetchone()[0])";
  return Number(execFileSync(python, ['-c', count], { cwd: directory, encoding: 'utf8' }));
}

function install(): void {
  if (existsSync(join(folder, 'bin', 'ingestr'))) return;
  const uv = join(root, '.tools', 'bin', 'uv');
  const ours = join(root, '.venv', 'bin', 'python');
  const options = { cwd: root, env: uvEnvironment(ours), stdio: 'inherit' } as const;
  execFileSync(uv, ['venv', folder, '--clear', '--quiet', '--python', ours], options);
  execFileSync(uv, ['pip', 'install', '--quiet', '--python', python, `ingestr==${version}`], options);
}
