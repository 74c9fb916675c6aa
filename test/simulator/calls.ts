import type { Simulator } from '../../src/simulator/index.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import type { SimulatorOptions } from '../../src/simulator/options.ts';

export const now = '2025-06-15T12:00:00Z';
export const advertiserId = '7000000000001';

/** A small, still world: one account, no quota. */
export function startStill(options: SimulatorOptions = {}): Promise<Simulator> {
  return startSimulator({ advertisers: [advertiserId], now, frozen: true, quota: false, ...options });
}

export interface Envelope {
  readonly code: number;
  readonly message: string;
  readonly request_id: string;
  readonly data: {
    readonly list: readonly Readonly<Record<string, unknown>>[];
    readonly page_info: {
      readonly page: number;
      readonly page_size: number;
      readonly total_number: number;
      readonly total_page: number;
    };
    readonly total_metrics?: Readonly<Record<string, string>>;
    readonly [key: string]: unknown;
  };
}

export interface ReportRow {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, string>>;
}

type Parameters = Readonly<Record<string, unknown>>;

function queryText(parameters: Parameters): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return query.toString();
}

export function ask(
  simulator: Simulator,
  path: string,
  parameters: Parameters = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${simulator.url}${path}?${queryText(parameters)}`, {
    headers: { 'Access-Token': 'simulated-access-token', ...headers },
  });
}

/** The envelope of a GET. Lists and objects go out as JSON text, everything else as it is. */
export async function get(
  simulator: Simulator,
  path: string,
  parameters: Parameters = {},
  headers: Record<string, string> = {},
): Promise<Envelope> {
  const response = await ask(simulator, path, parameters, headers);
  // The simulator's own answer; the tests look at what they use of it.
  return (await response.json()) as Envelope;
}

export async function post(simulator: Simulator, path: string, body: unknown): Promise<Envelope> {
  const headers = { 'Access-Token': 'simulated-access-token', 'Content-Type': 'application/json' };
  const response = await fetch(`${simulator.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await response.json()) as Envelope;
}

export async function control(
  simulator: Simulator,
  method: string,
  path: string,
  body?: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${simulator.controlUrl}${path}`, init);
  return (await response.json()) as Readonly<Record<string, unknown>>;
}

/** Parameters of a legal daily report at ad level. */
export const adReport = {
  advertiser_id: advertiserId,
  report_type: 'BASIC',
  data_level: 'AUCTION_AD',
  dimensions: ['ad_id', 'stat_time_day'],
  metrics: ['spend', 'impressions', 'clicks', 'conversion'],
  start_date: '2025-05-01',
  end_date: '2025-05-30',
  page_size: 1000,
} as const;

export const allStatuses = (field: string) => [{ field_name: field, filter_type: 'IN', filter_value: '["STATUS_ALL"]' }];

/** All rows of a report, page by page. */
export async function allRows(simulator: Simulator, parameters: Parameters): Promise<readonly ReportRow[]> {
  const rows: ReportRow[] = [];
  for (let page = 1; ; page += 1) {
    const { code, message, data } = await get(simulator, 'report/integrated/get/', { ...parameters, page });
    if (code !== 0) throw new Error(`${code} ${message}`);
    // Rows of a report have these two objects.
    rows.push(...(data.list as unknown as readonly ReportRow[]));
    if (page >= data.page_info.total_page) return rows;
  }
}

/** Sums one metric exactly; the texts have no exponents and at most two decimals. */
export function sumOf(rows: readonly ReportRow[], metric: string): bigint {
  return rows.reduce((sum, row) => sum + hundredths(row.metrics[metric] ?? ''), 0n);
}

export function hundredths(text: string): bigint {
  const match = /^(\d+)(?:\.(\d{2}))?$/.exec(text);
  if (match === null) throw new Error(`not a decimal: ${text}`);
  return BigInt(match[1] ?? 0) * 100n + BigInt(match[2] ?? 0);
}
