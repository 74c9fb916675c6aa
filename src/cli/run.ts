import { createHash, randomUUID } from 'node:crypto';
import { describe, type ErrorDescription } from '../errors.ts';
import type { Materialization, Reporter } from '../reporter.ts';
import { type RunEnvironment, run } from '../run.ts';
import { exitConfigError, parseCommandLine } from './arguments.ts';
import type { CommandIo, Style } from './io.ts';
import { errorStyleFor, styleFor } from './io.ts';
import { loadConfig } from './load-config.ts';
import { type CommandPage, sharedOptions } from './page.ts';
import { createProgressLine, type ProgressLine } from './progress-line.ts';
import { renderTable } from './table.ts';

const page = {
  name: 'run',
  about: "Loads what a component's YAML asks for, without Dagster: the same requests, tables and checks.",
  words: 'file',
  synopsis: '[--start DATE --end DATE] [options]',
  options: {
    config: sharedOptions.config,
    asset: sharedOptions.asset,
    start: sharedOptions.start,
    end: sharedOptions.end,
    resources: {
      kind: 'text',
      value: 'LIST',
      default: "the file's resources and reports",
      description: 'only these tables, separated by commas',
    },
    resume: {
      kind: 'text',
      value: 'LOAD_ID',
      default: 'a new load',
      description: 'continue a load that did not end; what it committed is not read again',
    },
    json: sharedOptions.json,
  },
  examples: [
    {
      line: 'TIKTOK_ACCESS_TOKEN=... tiktok-ads run defs.yaml --start 2026-01-01 --end 2026-01-31',
      does: 'load January',
    },
    {
      line: 'TIKTOK_ACCESS_TOKEN=simulated-access-token TIKTOK_ADS_API_BASE_URL=http://127.0.0.1:8099/open_api/v1.3/ tiktok-ads run defs.yaml',
      does: 'without an account, beside `tiktok-ads simulate --port 8099 --any-advertiser`',
    },
  ],
  exits: {
    0: 'all is loaded',
    1: 'something could not be loaded; what was committed stays',
    2: 'there is a mistake in the file or on the command line, and nothing was asked',
    130: 'cancelled',
  },
} as const satisfies CommandPage;

/** `tiktok-ads run`: a load from a terminal. */
export async function runLoadCommand(argv: readonly string[], io: CommandIo, environment: () => RunEnvironment): Promise<number> {
  const parsed = parseCommandLine(page, argv, io);
  if (typeof parsed === 'number') return parsed;
  const style = styleFor(io);
  const json = parsed.has('json');
  const errorStyle = errorStyleFor(io);
  const surroundings = environment();
  let loadId: string | null = null;
  const line = createProgressLine({ io, clock: surroundings.clock });
  const reporter = terminalReporter(line, errorStyle);
  try {
    const { config } = loadConfig(parsed.file, io, {
      asset: parsed.text('asset'),
      given: { start_date: parsed.text('start'), end_date: parsed.text('end'), resources: parsed.text('resources') },
    });
    loadId = parsed.text('resume') ?? createHash('sha256').update(randomUUID()).digest('hex').slice(0, 32);
    line.say(errorStyle.dim(`load ${loadId}`));
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
    line.close();
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
    if (outcome.failure && !json) io.stderr(failureText(describe(outcome.failure), errorStyle, loadId));
    return outcome.failure ? 1 : 0;
  } catch (error) {
    line.close();
    if (surroundings.signal.aborted) {
      io.stderr(`Cancelled: nothing is half-written, what was committed stays. ${resumption(loadId)}\n`);
      return 130;
    }
    const described = describe(error);
    if (json) io.stdout(`${JSON.stringify({ error: described })}\n`);
    else io.stderr(failureText(described, errorStyle, loadId));
    return described.kind === 'config' ? exitConfigError : 1;
  }
}

/** How to go on with a load that began. */
function resumption(loadId: string | null): string {
  return loadId === null ? '' : `To go on from there, add --resume ${loadId}.`;
}

/** The error, and how to go on with the load where another attempt may succeed. */
function failureText(error: ErrorDescription, style: Style, loadId: string | null): string {
  const way = error.retryable ? resumption(loadId) : '';
  return `${errorText(error, style)}${way === '' ? '' : `  ${way}\n`}`;
}

/** Message, every mistake, and what to do. */
export function errorText(error: ErrorDescription, style: Style): string {
  return `${style.red('✗')} ${error.message}\n${error.hint ? `  ${style.bold('→')} ${error.hint}\n` : ''}`;
}

function terminalReporter(
  line: ProgressLine,
  style: Style,
): { readonly reporter: Reporter; readonly materializations: () => readonly Materialization[] } {
  const materializations: Materialization[] = [];
  const { say } = line;
  return {
    materializations: () => materializations,
    reporter: {
      log: (level, message) =>
        say(level === 'info' ? style.dim(message) : `${level === 'warning' ? style.yellow('!') : style.red('✗')} ${message}`),
      progress: ({ table, finished, rowsLoaded, calls }) =>
        say(`${finished ? style.green('✓') : '…'} ${table}: ${rowsLoaded.toLocaleString('en-US')} rows, ${calls} calls`),
      started: line.follow,
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
