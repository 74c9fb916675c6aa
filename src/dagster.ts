import { createHash } from 'node:crypto';
import { z } from 'zod';
import { checkOnly } from './check-only.ts';
import { parseConfig } from './config/config.ts';
import { ConfigError, describe, InternalError, type SourceError } from './errors.ts';
import { PipesMetadata, wireMetadata } from './pipes/metadata.ts';
import { openDagsterPipesAsync } from './pipes/open.ts';
import type { PipesContext } from './pipes/session.ts';
import type { Selection } from './plan/plan.ts';
import type { Reporter } from './reporter.ts';
import { type RunEnvironment, type RunRequest, run } from './run.ts';

/** What the Python component passes in the Pipes context's `extras`. */
const extrasSchema = z.object({
  contract: z.literal(1),
  config: z.record(z.string(), z.unknown()),
  asset_keys: z.record(z.string(), z.string()),
  partitions: z
    .object({
      keys: z.array(z.string()),
      windows: z.array(
        z.object({
          key: z.string(),
          start: z.string().nullable(),
          end: z.string().nullable(),
          advertiser_id: z.string().nullable(),
          hour_start: z.string().nullable().optional(),
          hour_end: z.string().nullable().optional(),
        }),
      ),
      time_zone: z.string().nullable().optional(),
    })
    .nullable(),
  selected_resources: z.array(z.string()).nullable(),
  selected_checks: z.array(z.string()).nullable(),
  overrides: z
    .object({ start_date: z.string().optional(), end_date: z.string().optional(), full_refresh: z.boolean().optional() })
    .partial()
    .nullish(),
  /** The dates that the run's backfill covers with all its runs. */
  backfill: z.object({ windows: z.array(z.object({ start: z.string(), end: z.string() })).nullish() }).nullish(),
  /** Names the load of this run and of its retries; absent: the run's own id does. */
  load_key: z.string().nullish(),
});

type Extras = z.output<typeof extrasSchema>;

const cancelledWords = 'Cancelled: nothing is half-written, what was committed stays.';

/** The whole of a run that Dagster started. Gives the exit code; everything worth telling went through Pipes. */
export async function runForDagster(
  environment: RunEnvironment,
  variables: Readonly<Record<string, string | undefined>>,
  stderr: (text: string) => void,
): Promise<number> {
  const pipes = await openDagsterPipesAsync();
  const reporter = pipesReporter(pipes, stderr);
  try {
    const failure = await runFromExtras(pipes, reporter, environment, variables);
    if (failure) throw failure;
    pipes.close();
    await pipes.delivered();
    return 0;
  } catch (error) {
    const cancelled = environment.signal.aborted;
    if (!cancelled) reporter.failed(describe(error));
    if (cancelled) pipes.logger.warning(cancelledWords);
    stderr(`${cancelled ? cancelledWords : describe(error).message}\n`);
    pipes.close(cancelled ? withoutStack(new Error('The run was cancelled.')) : error);
    await pipes.delivered();
    return cancelled ? 130 : 1;
  }
}

async function runFromExtras(
  pipes: PipesContext,
  reporter: Reporter,
  environment: RunEnvironment,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<SourceError | null> {
  const extras = parseExtras(pipes.extras);
  const config = parseConfig(withOverrides(extras), variables);
  const request: RunRequest = {
    config,
    selection: selectionOf(extras),
    assetKeys: extras.asset_keys,
    checks: extras.selected_checks,
    loadId: loadIdOf(extras, pipes.runID),
    runId: pipes.runID,
    environment,
    reporter,
  };
  // A run of checks alone has selected checks but no asset to load.
  if (extras.selected_resources?.length === 0) {
    await checkOnly(request);
    return null;
  }
  return (await run(request)).failure;
}

function parseExtras(extras: unknown): Extras {
  const parsed = extrasSchema.safeParse(extras);
  if (parsed.success) return parsed.data;
  throw new InternalError(`What Dagster passed cannot be read: ${z.prettifyError(parsed.error)}`, {
    hint: 'The Python package and the executable are of different versions: install both from one release.',
  });
}

function withOverrides({ config, overrides }: Extras): Readonly<Record<string, unknown>> {
  const { start_date: start, end_date: end } = overrides ?? {};
  return { ...config, ...(start ? { start_date: start } : {}), ...(end ? { end_date: end } : {}) };
}

function selectionOf(extras: Extras): Selection {
  const partitions = extras.partitions?.windows.map((window) => ({
    key: window.key,
    window: window.start !== null && window.end !== null ? { start: window.start, end: window.end } : null,
    advertiserId: window.advertiser_id,
    hours: window.hour_start && window.hour_end ? { start: window.hour_start, end: window.hour_end } : null,
  }));
  if (partitions?.length === 0)
    throw new ConfigError('The run has a partitioned asset but no partition.', { hint: 'Choose a partition when launching it.' });
  return {
    partitions: partitions ?? null,
    resources: extras.selected_resources,
    coveredElsewhere: extras.backfill?.windows ?? [],
  };
}

/**
 * A retry of the same step, also of those of its assets that failed, continues its load; another component in the same run, or another range,
 * has a load of its own.
 */
function loadIdOf(extras: Extras, runId: string): string {
  const step = JSON.stringify([extras.load_key ?? runId, extras.config['asset_name'] ?? null, extras.partitions?.keys ?? null]);
  return createHash('sha256').update(step).digest('hex').slice(0, 32);
}

function pipesReporter(pipes: PipesContext, stderr: (text: string) => void): Reporter {
  return {
    log: (level, message) => pipes.logger[level](message),
    progress: ({ table, finished, rowsLoaded, calls }) => {
      const message = `${table}: ${rowsLoaded} rows ${finished ? 'loaded' : 'so far'} (${calls} calls since the start)`;
      if (finished) pipes.logger.info(message);
      stderr(`${message}\n`);
    },
    materialized: ({ assetKey, metadata, dataVersion, partitions }) => {
      for (const partition of partitions) {
        pipes.reportCustomMessage({
          kind: 'partition_metadata',
          asset_key: assetKey,
          partition_key: partition.key,
          metadata: wireMetadata(partition.metadata),
        });
      }
      pipes.reportAssetMaterialization(metadata, dataVersion, assetKey);
    },
    observed: ({ assetKey, partitionKey, description, metadata }) =>
      pipes.reportCustomMessage({
        kind: 'observation',
        asset_key: assetKey,
        partition_key: partitionKey,
        description,
        metadata: wireMetadata(metadata),
      }),
    checked: ({ name, passed, severity, summary, figures }, assetKey) => {
      if (assetKey === null) return;
      pipes.reportAssetCheck(
        name,
        passed,
        severity,
        // Text stands in the log and on the check's page as it is, and numbers are plotted; JSON and Markdown are only links there.
        { summary: PipesMetadata.text(summary), ...countsOf(figures), figures: { type: 'json', raw_value: figures } },
        assetKey,
      );
    },
    failed: ({ message, code, retryable, hint, issues }) =>
      pipes.reportCustomMessage({ kind: 'failure', message, code, retryable, hint, issues }),
  };
}

/** Where a cancelled run was in our code is of no use to who cancelled it. */
function withoutStack(error: Error): Error {
  delete error.stack;
  return error;
}

function countsOf(figures: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(figures).flatMap(([name, value]) =>
      typeof value === 'number' && Number.isSafeInteger(value) ? [[name, PipesMetadata.int(value)]] : [],
    ),
  );
}
