import { describe } from '../errors.ts';
import { infoIdsMax, isAccountList } from '../extract/accounts.ts';
import type { Account } from '../plan/account.ts';
import { planTables, planTasks } from '../plan/plan.ts';
import type { ExtractTask } from '../plan/task.ts';
import type { RunEnvironment } from '../run.ts';
import { exitConfigError, parseCommandLine } from './arguments.ts';
import { type CommandIo, errorStyleFor, styleFor } from './io.ts';
import { loadConfig } from './load-config.ts';
import { type CommandPage, sharedOptions } from './page.ts';
import { errorText } from './run.ts';
import { renderTable } from './table.ts';

const page = {
  name: 'plan',
  about:
    'Shows what a run would ask of TikTok, without a token and without calling anyone: accounts, windows and first pages exactly; further pages depend on the data and are counted by the run.',
  words: 'file',
  synopsis: '[--start DATE --end DATE] [--windows] [--json]',
  options: {
    config: sharedOptions.config,
    asset: sharedOptions.asset,
    start: sharedOptions.start,
    end: sharedOptions.end,
    windows: { kind: 'switch', description: 'list every task' },
    json: sharedOptions.json,
  },
  examples: [
    {
      line: 'tiktok-ads plan defs.yaml --start 2025-01-01 --end 2025-12-31',
      does: 'how many calls a year is, and how long they take at least',
    },
  ],
  exits: { 0: 'the plan is shown', 2: 'there is a mistake in the file or on the command line' },
} as const satisfies CommandPage;

/** `tiktok-ads plan`: what a run would do. */
export async function planCommand(argv: readonly string[], io: CommandIo, environment: () => RunEnvironment): Promise<number> {
  const parsed = parseCommandLine(page, argv, io);
  if (typeof parsed === 'number') return parsed;
  const style = styleFor(io);
  try {
    const { config } = loadConfig(parsed.file, io, {
      asset: parsed.text('asset'),
      given: { start_date: parsed.text('start'), end_date: parsed.text('end') },
      needsToken: false,
    });
    const ids = config.advertiserIds;
    // Without ids the accounts are found at run time; one stands for all of them here.
    const accounts = (ids ?? ['(each account)']).map(
      (id): Account => ({ id, name: null, timeZone: 'UTC', currency: null, createdAt: null, known: false }),
    );
    const tables = planTables(config, null);
    const tasks = planTasks(config, tables, accounts, { partitions: null, resources: null }, environment().clock.now());
    const perTable = tables.map((table) => {
      const mine = tasks.filter((task) => task.table === table);
      return {
        table: table.schema.name,
        key: table.schema.primaryKey.join(', '),
        columns: table.schema.columns.length,
        tasks: mine.length,
        calls: callsOf(mine),
        withAccounts: isAccountList(table),
      };
    });
    const accountCalls = (ids === null ? 1 : 0) + Math.ceil(accounts.length / infoIdsMax);
    const calls = accountCalls + perTable.filter((one) => !one.withAccounts).reduce((sum, one) => sum + one.calls, 0);
    const { perSecond, perMinute, perDay } = config.quota;
    const seconds = Math.ceil(Math.max(calls / perSecond, (calls * 60) / perMinute));
    const days = Math.ceil(calls / perDay);
    const windows = tasks.map((task) => ({
      table: task.table.schema.name,
      advertiser_ids: task.advertiserIds,
      start: task.window?.start ?? null,
      end: task.window?.end ?? null,
      calls: task.queries.length,
    }));
    if (parsed.has('json')) {
      io.stdout(
        `${JSON.stringify({ accounts: ids, tables: perTable, calls_planned: calls, account_calls: accountCalls, seconds_at_quota: seconds, days_at_quota: days, quota: config.quota, windows })}\n`,
      );
      return 0;
    }
    const rows = [
      ['(accounts)', '', '', '', String(accountCalls)],
      ...perTable.map((one) => [
        one.table,
        one.key,
        String(one.columns),
        String(one.tasks),
        one.withAccounts ? '0' : String(one.calls),
      ]),
    ];
    const columns = [
      { title: 'table' },
      { title: 'key' },
      { title: 'columns', align: 'right' },
      { title: 'tasks', align: 'right' },
      { title: 'calls', align: 'right' },
    ] as const;
    io.stdout(`${renderTable(columns, rows, { title: style.bold })}\n\n`);
    if (parsed.has('windows')) {
      const lines = windows.map((one) => [
        one.table,
        one.advertiser_ids.join(', '),
        one.start ?? '',
        one.end ?? '',
        String(one.calls),
      ]);
      io.stdout(
        `${renderTable([{ title: 'table' }, { title: 'accounts' }, { title: 'from' }, { title: 'to' }, { title: 'calls', align: 'right' }], lines, { title: style.bold })}\n\n`,
      );
    }
    const who = ids === null ? 'each account found at run time' : `${ids.length} account(s)`;
    io.stdout(
      `${calls} calls for ${who}, plus further pages; at least ${seconds} s at ${perSecond} calls a second and ${perMinute} a minute.\n`,
    );
    if (days > 1)
      io.stdout(
        `That takes ${days} days of ${perDay} calls each: a run ends when a day's are used up; \`run --resume\` goes on after 00:00 UTC.\n`,
      );
    return 0;
  } catch (error) {
    const described = describe(error);
    if (parsed.has('json')) io.stdout(`${JSON.stringify({ error: described })}\n`);
    else io.stderr(errorText(described, errorStyleFor(io)));
    return described.kind === 'config' ? exitConfigError : 1;
  }
}

function callsOf(tasks: readonly ExtractTask[]): number {
  return tasks.reduce((sum, task) => sum + task.queries.length, 0);
}
