import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError, describe } from '../errors.ts';
import type { Span } from '../load/unload.ts';
import { read } from '../read.ts';
import type { RunEnvironment } from '../run.ts';
import { exitConfigError, parseCommandLine } from './arguments.ts';
import { type CommandIo, errorStyleFor, styleFor } from './io.ts';
import { loadConfig } from './load-config.ts';
import { type CommandPage, sharedOptions } from './page.ts';
import { errorText } from './run.ts';

const page = {
  name: 'read',
  about:
    "Copies the asset's table (its report, or its only table) out of the warehouse into a Parquet file, columns in the order of the view. Calls nobody at TikTok and needs no token. This is how Dagster gets the asset's value.",
  words: 'file',
  synopsis: '--out FILE.parquet [options]',
  options: {
    config: sharedOptions.config,
    out: { kind: 'text', value: 'FILE', default: null, required: true, description: 'the Parquet file to write' },
    asset: sharedOptions.asset,
    start: { kind: 'date', default: 'the first row', description: 'only rows from this date on' },
    end: { kind: 'date', default: 'the last row', description: 'only rows up to this date, which is included' },
    advertiser: { kind: 'text', value: 'ID', default: 'all accounts', description: 'only rows of this account' },
    spans: {
      kind: 'text',
      value: 'FILE',
      default: null,
      description:
        'in place of dates and account: a JSON list of {"account", "start", "end"}, times YYYY-MM-DDTHH:MM:SS, the end not included, null for no limit',
    },
    json: sharedOptions.json,
  },
  examples: [
    {
      line: 'tiktok-ads read defs.yaml --out january.parquet --start 2026-01-01 --end 2026-01-31',
      does: 'January of all accounts',
    },
  ],
  exits: {
    0: 'the file is written',
    1: 'the warehouse or the disk refused',
    2: 'there is a mistake in a file or on the command line',
    130: 'cancelled',
  },
} as const satisfies CommandPage;

/** `tiktok-ads read`: the asset's table as a Parquet file. */
export async function readCommand(argv: readonly string[], io: CommandIo, environment: () => RunEnvironment): Promise<number> {
  const parsed = parseCommandLine(page, argv, io);
  if (typeof parsed === 'number') return parsed;
  const style = styleFor(io);
  const json = parsed.has('json');
  const surroundings = environment();
  try {
    const spans = spansOf(parsed.text, io.cwd);
    const { config } = loadConfig(parsed.file, io, { asset: parsed.text('asset'), needsSource: false });
    const file = resolve(io.cwd, parsed.text('out') ?? '');
    if (!existsSync(dirname(file)))
      throw new ConfigError(`--out: there is no folder ${dirname(file)}.`, { hint: 'Make it, or write the file elsewhere.' });
    const done = await read({
      config,
      spans,
      file,
      environment: surroundings,
      log: (message) => io.stderr(`${errorStyleFor(io).dim(message)}\n`),
    });
    io.stdout(
      json
        ? `${JSON.stringify({ ...done, file })}\n`
        : `${style.green('✓')} ${done.table}: ${done.rows.toLocaleString('en-US')} rows, ${done.columns.length} columns in ${file}\n`,
    );
    return 0;
  } catch (error) {
    if (surroundings.signal.aborted) {
      io.stderr('Cancelled.\n');
      return 130;
    }
    const described = describe(error);
    if (json) io.stdout(`${JSON.stringify({ error: described })}\n`);
    else io.stderr(errorText(described, errorStyleFor(io)));
    return described.kind === 'config' ? exitConfigError : 1;
  }
}

const time = z.iso.datetime({ local: true }).nullable();
const spansSchema = z.array(z.object({ account: z.string().nullable(), start: time, end: time }));

function spansOf(
  given: (name: 'start' | 'end' | 'advertiser' | 'spans') => string | undefined,
  cwd: string,
): readonly Span[] | null {
  const file = given('spans');
  if (file !== undefined) return spansFrom(file, cwd);
  const [start, end, account = null] = [given('start'), given('end'), given('advertiser')];
  if (start === undefined && end === undefined && account === null) return null;
  if (start === undefined && end === undefined) return [{ account, start: null, end: null }];
  const after = new Date(`${end ?? '9998-12-31'}T00:00:00Z`);
  after.setUTCDate(after.getUTCDate() + 1);
  return [{ account, start: `${start ?? '0001-01-01'}T00:00:00`, end: after.toISOString().slice(0, 19) }];
}

function spansFrom(file: string, cwd: string): readonly Span[] {
  try {
    return spansSchema.parse(JSON.parse(readFileSync(resolve(cwd, file), 'utf8')));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`The spans of ${file} cannot be read: ${reason}`, {
      hint: 'It has to hold a JSON list of {"account", "start", "end"}; see `tiktok-ads read --help`.',
      cause,
    });
  }
}
