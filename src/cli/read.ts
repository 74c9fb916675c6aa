import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError, describe } from '../errors.ts';
import type { Span } from '../load/unload.ts';
import { read } from '../read.ts';
import type { RunEnvironment } from '../run.ts';
import { exitConfigError, parseCommandLine } from './arguments.ts';
import { type CommandIo, styleFor } from './io.ts';
import { loadConfig } from './load-config.ts';
import { errorText } from './run.ts';

const usage = `Usage: tiktok-ads read --config defs.yaml --out FILE.parquet [options]

Copies the asset's table (its report, or its only table) out of the warehouse into a Parquet file, columns in the order of
the view. Calls nobody at TikTok and needs no token. This is how Dagster gets the asset's value.

  --config FILE      the defs.yaml
  --out FILE         the Parquet file to write
  --asset NAME       which component, if the file has several
  --start, --end     only rows of these dates (YYYY-MM-DD, both included)
  --advertiser ID    only rows of this account
  --spans FILE       instead: a JSON list of {"account", "start", "end"}, times YYYY-MM-DDTHH:MM:SS, the end not included, null for
                     no limit
  --json             one JSON object on standard output, messages on standard error

Example:
  tiktok-ads read --config defs.yaml --out january.parquet --start 2026-01-01 --end 2026-01-31

Exits with 0 if the file is written, 1 if not, 2 if the configuration is wrong, 130 if cancelled.`;

/** `tiktok-ads read`: the asset's table as a Parquet file. */
export async function readCommand(argv: readonly string[], io: CommandIo, environment: () => RunEnvironment): Promise<number> {
  const text = { type: 'string' } as const;
  const options = { config: text, out: text, asset: text, start: text, end: text, advertiser: text, spans: text } as const;
  const parsed = parseCommandLine(argv, { ...options, json: { type: 'boolean' } }, io, usage);
  if (parsed === null) return exitConfigError;
  if (parsed.values['help'] === true) {
    io.stdout(`${usage}\n`);
    return 0;
  }
  const given = (name: keyof typeof options): string | undefined => {
    const value = parsed.values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const style = styleFor(io);
  const json = parsed.values['json'] === true;
  const surroundings = environment();
  try {
    const path = given('config') ?? parsed.words[0];
    const out = given('out');
    if (path === undefined) throw new ConfigError('No configuration is given.', { hint: 'Add --config defs.yaml.' });
    if (out === undefined) throw new ConfigError('No file to write is given.', { hint: 'Add --out FILE.parquet.' });
    const spans = spansOf(given, io.cwd);
    const { config } = loadConfig(path, io, { asset: given('asset'), needsSource: false });
    const file = resolve(io.cwd, out);
    const done = await read({
      config,
      spans,
      file,
      environment: surroundings,
      log: (message) => io.stderr(`${style.dim(message)}\n`),
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
    else io.stderr(errorText(described, style));
    return described.kind === 'config' ? exitConfigError : 1;
  }
}

const day = z.iso.date();
const time = z.iso.datetime({ local: true }).nullable();
const spansSchema = z.array(z.object({ account: z.string().nullable(), start: time, end: time }));

function spansOf(
  given: (name: 'start' | 'end' | 'advertiser' | 'spans') => string | undefined,
  cwd: string,
): readonly Span[] | null {
  const file = given('spans');
  if (file !== undefined) return spansSchema.parse(JSON.parse(readFileSync(resolve(cwd, file), 'utf8')));
  const [start, end, account = null] = [given('start'), given('end'), given('advertiser')];
  if (start === undefined && end === undefined && account === null) return null;
  for (const date of [start, end]) {
    if (date !== undefined && !day.safeParse(date).success)
      throw new ConfigError(`${date} is no date.`, { hint: 'Write dates as YYYY-MM-DD.' });
  }
  if (start === undefined && end === undefined) return [{ account, start: null, end: null }];
  const after = new Date(`${end ?? '9998-12-31'}T00:00:00Z`);
  after.setUTCDate(after.getUTCDate() + 1);
  return [{ account, start: `${start ?? '0001-01-01'}T00:00:00`, end: after.toISOString().slice(0, 19) }];
}
