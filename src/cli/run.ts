import { createHash, randomUUID } from 'node:crypto';
import { ConfigError, describe, type ErrorDescription } from '../errors.ts';
import type { Materialization, Reporter } from '../reporter.ts';
import { type RunEnvironment, run } from '../run.ts';
import { exitConfigError, parseCommandLine } from './arguments.ts';
import type { CommandIo, Style } from './io.ts';
import { styleFor } from './io.ts';
import { loadConfig } from './load-config.ts';
import { renderTable } from './table.ts';

const usage = `Usage: tiktok-ads run --config defs.yaml [--start DATE --end DATE] [options]

Loads what a component's YAML asks for, without Dagster: the same requests, tables and checks.

  --config FILE      the defs.yaml
  --asset NAME       which component, if the file has several
  --start, --end     dates (YYYY-MM-DD, both included) in place of the file's
  --resources LIST   only these tables, separated by commas
  --resume LOAD_ID   continue a load that did not end; what it committed is not read again
  --json             one JSON object on standard output, messages on standard error

Examples:
  TIKTOK_ACCESS_TOKEN=... tiktok-ads run --config defs.yaml --start 2026-01-01 --end 2026-01-31
  tiktok-ads simulate --port 8099 &      # then, without an account:
  TIKTOK_ACCESS_TOKEN=any TIKTOK_ADS_API_BASE_URL=http://127.0.0.1:8099/open_api/v1.3/ tiktok-ads run --config defs.yaml

Exits with 0 if all is loaded, 1 if not, 2 if the configuration is wrong, 130 if cancelled.`;

/** `tiktok-ads run`: a load from a terminal. */
export async function runLoadCommand(argv: readonly string[], io: CommandIo, environment: () => RunEnvironment): Promise<number> {
  const options = {
    config: { type: 'string' },
    asset: { type: 'string' },
    start: { type: 'string' },
    end: { type: 'string' },
    resources: { type: 'string' },
    resume: { type: 'string' },
    json: { type: 'boolean' },
  } as const;
  const parsed = parseCommandLine(argv, options, io, usage);
  if (parsed === null) return exitConfigError;
  const text = (name: string): string | undefined => (typeof parsed.values[name] === 'string' ? parsed.values[name] : undefined);
  if (parsed.values['help'] === true) {
    io.stdout(`${usage}\n`);
    return 0;
  }
  const style = styleFor(io);
  const json = parsed.values['json'] === true;
  const reporter = terminalReporter(io, style);
  const surroundings = environment();
  try {
    const path = text('config') ?? parsed.words[0];
    if (path === undefined) throw new ConfigError('No configuration is given.', { hint: 'Add --config defs.yaml.' });
    const overrides = {
      ...(text('start') ? { start_date: text('start') } : {}),
      ...(text('end') ? { end_date: text('end') } : {}),
      ...(text('resources') ? { resources: text('resources') } : {}),
    };
    const { config } = loadConfig(path, io, { asset: text('asset'), overrides });
    const loadId = text('resume') ?? createHash('sha256').update(randomUUID()).digest('hex').slice(0, 32);
    io.stderr(`${style.dim(`load ${loadId}`)}\n`);
    const outcome = await run({
      config,
      selection: { partitions: null, resources: null },
      assetKeys: { '*': config.assetKey.map((part) => part.replaceAll('\\', '\\\\').replaceAll('/', '\\/')).join('/') },
      checks: null,
      loadId,
      runId: null,
      environment: surroundings,
      reporter: reporter.reporter,
    });
    const tables = outcome.results.map((result) => ({
      table: result.table.schema.name,
      rows: result.scopes.reduce((sum, scope) => sum + scope.rows, 0),
      accounts: new Set(result.scopes.map((scope) => scope.advertiserId)).size,
      failures: result.failures.length,
    }));
    if (json)
      io.stdout(
        `${JSON.stringify({ load_id: loadId, tables, checks: outcome.checks, metadata: plainMetadata(reporter.materializations()), error: outcome.failure ? describe(outcome.failure) : null })}\n`,
      );
    else {
      const rows = tables.map((one) => [
        one.table,
        one.rows.toLocaleString('en-US'),
        String(one.accounts),
        one.failures === 0 ? '' : `${one.failures} failed`,
      ]);
      io.stdout(
        `${renderTable([{ title: 'table' }, { title: 'rows', align: 'right' }, { title: 'accounts', align: 'right' }, { title: '' }], rows, { title: style.bold })}\n`,
      );
      for (const check of outcome.checks)
        io.stdout(
          `${check.passed ? style.green('✓') : check.severity === 'WARN' ? style.yellow('!') : style.red('✗')} ${check.name}: ${check.summary}\n`,
        );
    }
    if (outcome.failure && !json) io.stderr(errorText(describe(outcome.failure), style));
    return outcome.failure ? 1 : 0;
  } catch (error) {
    if (surroundings.signal.aborted) {
      io.stderr('Cancelled: nothing is half-written, what was committed stays.\n');
      return 130;
    }
    const described = describe(error);
    if (json) io.stdout(`${JSON.stringify({ error: described })}\n`);
    else io.stderr(errorText(described, style));
    return described.kind === 'config' ? exitConfigError : 1;
  }
}

/** Message, every mistake, and what to do. */
export function errorText(error: ErrorDescription, style: Style): string {
  return `${style.red('✗')} ${error.message}\n${error.hint ? `  ${style.bold('→')} ${error.hint}\n` : ''}`;
}

function terminalReporter(
  io: CommandIo,
  style: Style,
): { readonly reporter: Reporter; readonly materializations: () => readonly Materialization[] } {
  const materializations: Materialization[] = [];
  const say = (text: string): void => io.stderr(`${text}\n`);
  return {
    materializations: () => materializations,
    reporter: {
      log: (level, message) =>
        say(level === 'info' ? style.dim(message) : `${level === 'warning' ? style.yellow('!') : style.red('✗')} ${message}`),
      progress: ({ table, finished, rowsLoaded, calls }) =>
        say(`${finished ? style.green('✓') : '…'} ${table}: ${rowsLoaded.toLocaleString('en-US')} rows, ${calls} calls`),
      materialized: (one) => void materializations.push(one),
      observed: (one) => say(`${style.yellow('!')} ${one.description}`),
      checked: () => undefined,
      failed: () => undefined,
    },
  };
}

function plainMetadata(materializations: readonly Materialization[]): unknown {
  return Object.fromEntries(
    materializations.map((one) => [
      one.assetKey,
      Object.fromEntries(Object.entries(one.metadata).map(([label, value]) => [label, rawValue(value)])),
    ]),
  );
}

function rawValue(value: unknown): unknown {
  const raw = typeof value === 'object' && value !== null && 'raw_value' in value ? value.raw_value : value;
  return typeof raw === 'object' && raw !== null && 'value' in raw && Object.keys(raw).length === 1 ? raw.value : raw;
}
