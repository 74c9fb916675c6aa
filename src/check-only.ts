import { mkdirSync } from 'node:fs';
import type { CheckResult } from './checks/check.ts';
import { namesOf, runChecks } from './checks/run-checks.ts';
import { SourceError } from './errors.ts';
import { openStaging } from './extract/staging.ts';
import { latestScopes } from './load/latest.ts';
import { emptyResult, type TableResult } from './pipeline.ts';
import { planTables } from './plan/plan.ts';
import { connect, type RunRequest } from './run.ts';

/** Runs the checks on what the tables hold, without loading or calling TikTok: the totals that were stored with each commit are compared. */
export async function checkOnly(request: RunRequest): Promise<readonly CheckResult[]> {
  const { config, environment, assetKeys, reporter } = request;
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
  const session = await connect(request, staging);
  resources.defer(() => session.close());
  const all: TableResult[] = [];
  const wholeTables = config.writeDisposition === 'replace';
  const checkNames = namesOf(request.checks);
  const tableNames = Object.keys(assetKeys);
  // Those of other assets too where levels are compared with each other, whatever assets they are.
  const everyTable = tableNames.includes('*') || checkNames.includes('levels_reconcile');
  for (const table of planTables(config, everyTable ? null : tableNames))
    all.push({ ...emptyResult(table), scopes: await latestScopes(session, table.schema.name, { wholeTables }) });
  const done: CheckResult[] = [];
  for (const [name, assetKey] of Object.entries(assetKeys)) {
    const results = name === '*' ? all : all.filter((result) => result.table.schema.name === name);
    const loaded = new Set(results.flatMap((result) => result.scopes.map((scope) => scope.advertiserId)));
    const asked = config.advertiserIds ?? [...loaded];
    const checks = await runChecks(checkNames, {
      config,
      session,
      results,
      allResults: all,
      accountsAsked: asked.length,
      accountFailures: asked
        .filter((id) => !loaded.has(id))
        .map((advertiserId) => ({
          advertiserId,
          error: new SourceError('nothing of it was ever committed', { code: 'never_loaded' }),
        })),
      refusedMetrics: [],
      unreachable: [],
      untyped: [],
      loadId: null,
    });
    for (const check of checks) reporter.checked(check, assetKey);
    done.push(...checks);
  }
  return done;
}
