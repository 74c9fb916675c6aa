import type { TableResult } from './pipeline.ts';
import { type Account, todayOf } from './plan/account.ts';
import { addDays } from './plan/window.ts';

/** Metrics of video ads begin like this; other ads have none. */
const videoMetric = /^(video_|average_video_play)/;

/** Why a report came back empty, or without video figures: said so that nobody has to guess (the README's troubleshooting). `now` in ms since 1970. */
export function notesOn(results: readonly TableResult[], accounts: readonly Account[], now: number): readonly string[] {
  return results.flatMap((result) => {
    if (result.table.source.kind !== 'report' || result.failures.length > 0 || result.scopes.length === 0) return [];
    const name = result.table.schema.name;
    const rows = result.scopes.reduce((sum, scope) => sum + scope.rows, 0);
    const asked = result.table.source.report.spec.metrics.filter((metric) => videoMetric.test(metric));
    if (rows > 0) {
      return asked.length > 0 && result.table.source.report.spec.metrics.length === asked.length
        ? [`${name}: video metrics are filled for ads with a video only; other ads have 0 or NULL there.`]
        : [];
    }
    return [`${name}: no rows. ${reasonForNothing(result, accounts, now)}`];
  });
}

function reasonForNothing(result: TableResult, accounts: readonly Account[], now: number): string {
  const windows = result.scopes.flatMap((scope) => (scope.window ? [{ ...scope.window, advertiserId: scope.advertiserId }] : []));
  const byId = new Map(accounts.map((account) => [account.id, account]));
  if (windows.length > 0) {
    const created = (id: string): string | null => {
      const seconds = byId.get(id)?.createdAt;
      return seconds ? new Date(seconds * 1_000).toISOString().slice(0, 10) : null;
    };
    if (windows.every((window) => (created(window.advertiserId) ?? '') > window.end)) {
      const first = windows[0];
      return `The dates are before the account was made (${created(first?.advertiserId ?? '')}): choose a later start_date.`;
    }
    const today = (id: string): string => {
      const account = byId.get(id);
      return account ? todayOf(account, now) : new Date(now).toISOString().slice(0, 10);
    };
    if (windows.every((window) => window.start > today(window.advertiserId)))
      return "The dates are in the future of the account's time zone.";
    if (windows.every((window) => window.end >= addDays(today(window.advertiserId), -1))) {
      return 'TikTok shows figures with a delay of 24 to 48 hours: these dates may fill up later; `restate_days` reads them again.';
    }
  }
  if (result.table.source.kind === 'report' && result.table.source.report.spec.reportType === 'PLAYABLE_MATERIAL') {
    return 'PLAYABLE_MATERIAL has rows only for accounts that run playable ads.';
  }
  return 'No campaign delivered in these dates (TikTok leaves out days without delivery): check start_date and end_date, and that data_level and report_type fit what the account runs.';
}
