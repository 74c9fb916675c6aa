import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config/config.ts';
import { openDestination } from './destinations/index.ts';
import { ConfigError } from './errors.ts';
import { openStaging } from './extract/staging.ts';
import { type Span, type Unloaded, unloadTable } from './load/unload.ts';
import { mainTable, planTables } from './plan/plan.ts';
import type { RunEnvironment } from './run.ts';

export interface ReadRequest {
  readonly config: Config;
  /** What of the table is wanted; null: all of it. */
  readonly spans: readonly Span[] | null;
  /** The Parquet file to write; an absolute path. */
  readonly file: string;
  readonly environment: RunEnvironment;
  /** Says what is waited for, for people. */
  readonly log: (message: string) => void;
}

/** Copies the asset's value, its report table or its only table, out of the warehouse into a Parquet file. Calls nobody at TikTok. */
export async function read({
  config,
  spans,
  file,
  environment,
  log,
}: ReadRequest): Promise<Unloaded & { readonly table: string }> {
  const main = mainTable(planTables(config, null));
  if (main === undefined) throw new ConfigError('The configuration names no table.');
  await using resources = new AsyncDisposableStack();
  mkdirSync(environment.temporaryDirectory, { recursive: true });
  const staging = await openStaging({
    parent: environment.temporaryDirectory,
    processId: environment.processId,
    memoryLimitMb: environment.memoryLimitMb,
    threads: 1,
    isAlive: environment.isAlive,
  });
  resources.defer(() => staging.close());
  const directory = join(staging.directory, 'destination');
  mkdirSync(directory, { recursive: true });
  const { name, config: options, url } = config.destination;
  const session = await openDestination(
    name,
    { config: options, url, datasetName: config.datasetName, directory: environment.directory },
    { staging: staging.loadConnection, directory, signal: environment.signal, now: environment.clock.now, log, readOnly: true },
  );
  resources.defer(() => session.close());
  const unloaded = await unloadTable(session, main.schema, { spans, file });
  return { table: session.displayName(main.schema.name), ...unloaded };
}
