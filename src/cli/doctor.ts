import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, checkAttributes } from '../config/config.ts';
import { openDestination } from '../destinations/index.ts';
import { ConfigError, describe } from '../errors.ts';
import { findAccounts } from '../extract/accounts.ts';
import { createLedger } from '../extract/ledger.ts';
import { openStaging } from '../extract/staging.ts';
import { todayOf } from '../plan/account.ts';
import type { RunEnvironment } from '../run.ts';
import { createSourceClient } from '../source.ts';
import type { Client } from '../tiktok/client.ts';
import type { JsonValue } from '../tiktok/resource.ts';
import { exitConfigError, parseCommandLine } from './arguments.ts';
import { type CommandIo, styleFor } from './io.ts';
import { type LoadedConfig, loadConfig } from './load-config.ts';
import { type CommandPage, sharedOptions } from './page.ts';
import { renderTable } from './table.ts';

const page = {
  name: 'doctor',
  about:
    "Tries everything a run needs, one small call each, and says how to mend what fails: the configuration, the token, the app's scopes (accounts, campaigns, ads, creatives, reports), each account, and the destination's address and rights.",
  words: 'file',
  synopsis: '[--asset NAME] [--json]',
  options: { config: sharedOptions.config, asset: sharedOptions.asset, json: sharedOptions.json },
  examples: [{ line: 'TIKTOK_ACCESS_TOKEN=... tiktok-ads doctor defs.yaml', does: 'before the first run, or after one failed' }],
  exits: { 0: 'all is well', 1: 'something fails', 2: 'there is a mistake in the file or on the command line' },
} as const satisfies CommandPage;

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix: string;
}

/** `tiktok-ads doctor`: what works and what does not. */
export async function doctorCommand(argv: readonly string[], io: CommandIo, environment: () => RunEnvironment): Promise<number> {
  const parsed = parseCommandLine(page, argv, io);
  if (typeof parsed === 'number') return parsed;
  const findings: Finding[] = [];
  const loaded = tryLoad(parsed.file, io, parsed.text('asset'), findings);
  if (loaded) {
    findings.push(...(await examineSource(loaded, environment())));
    findings.push(await examineDestination(loaded, environment()));
  }
  if (parsed.has('json')) io.stdout(`${JSON.stringify({ ok: findings.every((one) => one.ok), findings })}\n`);
  else {
    const style = styleFor(io);
    const rows = findings.map((one) => [one.ok ? 'ok' : 'FAILED', one.what, one.detail]);
    io.stdout(`${renderTable([{ title: '' }, { title: 'what' }, { title: 'found' }], rows, { title: style.bold })}\n`);
    for (const one of findings.filter((finding) => !finding.ok))
      io.stdout(`\n${style.red('✗')} ${one.what}\n  ${style.bold('→')} ${one.fix}\n`);
  }
  if (!loaded) return exitConfigError;
  return findings.every((one) => one.ok) ? 0 : 1;
}

function tryLoad(path: string, io: CommandIo, asset: string | undefined, findings: Finding[]): LoadedConfig | undefined {
  try {
    const loaded = loadConfig(path, io, { asset });
    const issues = checkAttributes(loaded.attributes);
    findings.push({ what: 'configuration', ok: issues.length === 0, detail: path, fix: 'Run `tiktok-ads check` on the file.' });
    return loaded;
  } catch (error) {
    const described = describe(error);
    const all =
      error instanceof ConfigError && error.issues.length > 0
        ? error.issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ')
        : described.message;
    findings.push({ what: 'configuration', ok: false, detail: all, fix: described.hint ?? 'Mend the file.' });
    return undefined;
  }
}

async function examineSource({ config }: LoadedConfig, environment: RunEnvironment): Promise<readonly Finding[]> {
  const source = await createSourceClient(config, environment, () => undefined);
  try {
    const findings: Finding[] = [quotaFinding(config)];
    const accounts = await attempt('token and accounts', findings, async () => {
      const found = await findAccounts(source.client, source.config, createLedger(), null);
      return { value: found, detail: `${found.accounts.length} account(s) readable` };
    });
    for (const failure of accounts?.failures ?? []) findings.push(failed(`account ${failure.advertiserId}`, failure.error));
    for (const warning of accounts?.warnings ?? [])
      findings.push({
        what: 'account settings',
        ok: false,
        detail: warning,
        fix: 'Give the app the scope "account information" and authorize it again.',
      });
    const [account] = accounts?.accounts ?? [];
    if (account) {
      const day = todayOf(account, environment.clock.now());
      const report = {
        report_type: 'BASIC',
        data_level: 'AUCTION_ADVERTISER',
        dimensions: ['stat_time_day'],
        metrics: ['spend'],
        start_date: day,
        end_date: day,
      };
      await probe(source.client, findings, 'scope: campaigns', 'campaign/get/', account.id, {});
      await probe(source.client, findings, 'scope: ad groups', 'adgroup/get/', account.id, {});
      await probe(source.client, findings, 'scope: ads', 'ad/get/', account.id, {});
      await probe(source.client, findings, 'scope: creatives', 'file/video/ad/search/', account.id, {});
      await probe(source.client, findings, 'scope: reports', 'report/integrated/get/', account.id, report);
    }
    return findings;
  } finally {
    await source.close();
  }
}

/** What a run keeps to. No answer of TikTok tells what an app may ask, or has left (docs 1740029171730433). */
function quotaFinding({ quota: { perSecond, perMinute, perDay } }: Config): Finding {
  const grouped = (count: number): string => count.toLocaleString('en-US');
  return {
    what: 'quota',
    ok: true,
    detail: `runs keep to ${grouped(perSecond)} requests a second, ${grouped(perMinute)} a minute, ${grouped(perDay)} a day; TikTok's answers do not say what the app may ask or has left`,
    fix: '',
  };
}

async function probe(
  client: Client,
  findings: Finding[],
  what: string,
  path: string,
  advertiserId: string,
  query: Readonly<Record<string, JsonValue>>,
): Promise<void> {
  await attempt(what, findings, async () => {
    const answer = await client.get({
      path,
      query: { advertiser_id: advertiserId, ...query, page: 1, page_size: 1 },
      label: what,
      advertiserIds: [advertiserId],
      priority: 0,
    });
    const count = answer.envelope.pageInfo?.totalNumber;
    const found = count === undefined ? 'answered; TikTok gave no count' : `${count} record(s)`;
    return { value: null, detail: `${found} in account ${advertiserId}` };
  });
}

async function examineDestination({ config }: LoadedConfig, environment: RunEnvironment): Promise<Finding> {
  const findings: Finding[] = [];
  await attempt(`destination ${config.destination.name}`, findings, async () => {
    const staging = await openStaging({
      parent: environment.temporaryDirectory,
      processId: environment.processId,
      memoryLimitMb: environment.memoryLimitMb,
      threads: 1,
      isAlive: environment.isAlive,
    });
    try {
      const directory = join(staging.directory, 'destination');
      mkdirSync(directory, { recursive: true });
      const session = await openDestination(
        config.destination.name,
        {
          config: config.destination.config,
          url: config.destination.url,
          datasetName: config.datasetName,
          directory: environment.directory,
        },
        {
          staging: staging.loadConnection,
          directory,
          signal: environment.signal,
          now: environment.clock.now,
          log: () => undefined,
        },
      );
      try {
        await session.ensureSchema();
        const trial = session.qualified('_tiktok_ads_doctor');
        const schema = {
          name: '_tiktok_ads_doctor',
          description: 'A trial; may be dropped.',
          columns: [{ name: 'advertiser_id', type: 'id' as const }],
          primaryKey: ['advertiser_id'],
          windowColumn: null,
          signature: 'doctor',
        };
        await session.execute(session.dialect.createTable(trial, schema));
        await session.transaction([{ sql: `DELETE FROM ${trial} WHERE 1 = 1` }]);
        await session.execute([{ sql: `DROP TABLE ${trial}` }]);
        return { value: null, detail: `${session.uri('reports')}: tables can be made, written and dropped` };
      } finally {
        await session.close();
      }
    } finally {
      await staging.close();
    }
  });
  return findings[0] ?? { what: 'destination', ok: false, detail: 'nothing was tried', fix: '' };
}

async function attempt<T>(
  what: string,
  findings: Finding[],
  work: () => Promise<{ readonly value: T; readonly detail: string }>,
): Promise<T | undefined> {
  try {
    const { value, detail } = await work();
    findings.push({ what, ok: true, detail, fix: '' });
    return value;
  } catch (error) {
    findings.push(failed(what, error));
    return undefined;
  }
}

function failed(what: string, error: unknown): Finding {
  const { message, hint } = describe(error);
  return { what, ok: false, detail: message, fix: hint ?? 'Read the message above.' };
}
