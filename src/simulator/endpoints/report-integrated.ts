import type { Account } from '../account.ts';
import { beginEnvelope } from '../envelope.ts';
import { missing } from '../parameters.ts';
import { parameterError, Refusal } from '../refusal.ts';
import { type ReportQuery, readReportQuery } from '../report-query.ts';
import type { Section } from '../report-section.ts';
import { formatTotals } from '../report-totals.ts';
import { writeRows } from '../report-writer.ts';
import { accountOf, type Simulation } from '../simulation.ts';
import { type Answer, type Call, type Endpoint, pageInfo } from './endpoint.ts';

/** `report/integrated/get/` (docs 1740302848100353). */
export const integratedReport: Endpoint = { method: 'GET', authenticated: true, sandbox: true, answer: report };

function report(call: Call): Answer {
  const { simulation, parameters } = call;
  const multipleAdvertisers = parameters.texts('advertiser_ids') !== undefined;
  const accounts = reportAccounts(call);
  const query = readReportQuery(parameters, {
    sandbox: simulation.options.sandbox,
    asynchronous: false,
    multipleAdvertisers,
    acceptUnproven: simulation.options.acceptUnprovenMetrics,
    acceptUndocumentedBreakdowns: simulation.options.acceptUndocumentedBreakdowns,
  });
  const page = parameters.integer('page', { min: 1, max: 1_000_000_000, otherwise: 1 });
  const pageSize = parameters.integer('page_size', { min: 1, max: 1_000, otherwise: 10 });
  const sections = reportSections(simulation, accounts, query, Math.floor(simulation.options.reportIdsMax / accounts.length));
  const total = sections.reduce((sum, section) => sum + section.codes.length, 0);
  const from = Math.min(total, (page - 1) * pageSize);
  const to = Math.min(total, page * pageSize);
  const { totalMetrics } = simulation.options;
  const withTotals = query.totals && !multipleAdvertisers && totalMetrics !== 'none';
  const totals = withTotals ? `,"total_metrics":${formatTotals(sections[0], query, totalMetrics === 'dashes')}` : '';
  const body = writeRows(sections, {
    from,
    to,
    before: `${beginEnvelope(simulation.clock.now())}{"list":[`,
    after: `],"page_info":${JSON.stringify(pageInfo(page, pageSize, total))}${totals}}}`,
    multipleAdvertisers,
  });
  const cut = sections.some((section) => section.groups.cut);
  return { kind: 'envelope', body, rows: to - from, headers: cut ? { 'X-Tt-Ads-Throttle': 'true' } : {} };
}

/** The accounts a report is about: `advertiser_ids` win over `advertiser_id`. */
export function reportAccounts({ simulation, app, parameters }: Call): readonly Account[] {
  const ids = parameters.texts('advertiser_ids') ?? [parameters.text('advertiser_id') ?? ''];
  if (ids.length < 1 || ids.length > 5) throw parameterError('advertiser_ids: Length must be between 1 and 5.');
  if (ids[0] === '') throw missing('advertiser_id');
  if (app === null) throw new Refusal(40104, 'Access token is null, you should set it in http header with key Access-Token.');
  return [...new Set(ids)].map((id) => accountOf(simulation, app, id));
}

export function reportSections(
  simulation: Simulation,
  accounts: readonly Account[],
  query: ReportQuery,
  idsMax: number,
): readonly Section[] {
  const { options, world, clock, reports } = simulation;
  return accounts.map((account) => {
    const own = options.sandbox ? sandboxDays(query) : query;
    const section = reports.section({
      account,
      query: own,
      clock: clock.of(account),
      zones: world.zones,
      idsMax,
      topViewInAuctionReports: options.topViewInAuctionReports,
    });
    if (options.reportCellsMax > 0 && cellsOf(section) > options.reportCellsMax) {
      throw new Refusal(
        40067,
        'Your query is too large, please reduce the query size (e.g. fewer metrics or time range) and retry after a while.',
      );
    }
    return section;
  });
}

function cellsOf({ groups, query, days, breakdown }: Section): number {
  const { start, end } = query.days ?? days;
  return groups.ordinals.length * (end - start + 1) * (breakdown?.cells.length ?? 1);
}

/** The sandbox has numbers of twelve days only: 2020-12-08 to 2020-12-19. */
function sandboxDays(query: ReportQuery): ReportQuery {
  const [first, last] = [18_604, 18_615];
  if (query.days === null) return { ...query, days: { start: first, end: last } };
  return { ...query, days: { start: Math.max(first, query.days.start), end: Math.min(last, query.days.end) } };
}
