import { ConfigError, type ConfigIssue } from '../errors.ts';
import type { WriteDisposition } from '../table.ts';
import type { ResourceName } from '../tiktok/resources/index.ts';
import { formatIssues } from './format-issues.ts';
import { type AttributeReads, readAttributes } from './read-attributes.ts';
import type { Environment } from './references.ts';
import { type ReportConfig, reportConfigs } from './reports.ts';
import { firstPartitionDate } from './time-axis.ts';

/** What a run does, complete and checked. Holds secrets as plain texts: nothing prints it. */
export interface Config {
  readonly assetName: string;
  readonly assetKey: readonly string[];
  readonly datasetName: string;
  /** Empty only with `mode: simulate`. */
  readonly accessToken: string;
  readonly appId: string | null;
  readonly secret: string | null;
  /** Null: every authorized account. */
  readonly advertiserIds: readonly string[] | null;
  readonly resources: readonly ResourceName[];
  /** Inclusive, `YYYY-MM-DD`; null: 30 days ago and today, in each account's zone. */
  readonly startDate: string | null;
  readonly endDate: string | null;
  readonly reports: readonly ReportConfig[];
  readonly destination: {
    readonly name: string;
    readonly config: Readonly<Record<string, unknown>> | null;
    readonly url: string | null;
  };
  readonly writeDisposition: WriteDisposition;
  readonly restateDays: number;
  readonly includeDeleted: boolean;
  readonly onAdvertiserError: 'fail' | 'skip';
  readonly assetLayout: 'single' | 'per_resource';
  readonly checks: boolean;
  readonly mode: 'live' | 'sandbox' | 'simulate';
  /** Ends with a slash; null: by mode. */
  readonly apiBaseUrl: string | null;
  readonly quota: Quota;
  readonly includePreview: boolean;
  readonly previewRows: number;
  /** Date of the first time partition, or null. */
  readonly partitionStart: string | null;
}

/** What the app may ask of the API, all processes together. */
interface Quota {
  readonly perSecond: number;
  readonly perMinute: number;
  readonly perDay: number;
  /** Requests under way at once; null: by latency. */
  readonly maxConcurrency: number | null;
}

/** TikTok's documented limits of an app; the sandbox has its own. */
const quotas = {
  live: { perSecond: 10, perMinute: 600, perDay: 864_000 },
  sandbox: { perSecond: 1, perMinute: 30, perDay: 1000 },
  simulate: { perSecond: 10, perMinute: 600, perDay: 864_000 },
} as const;

/**
 * Makes the configuration of a run from the YAML's attributes, with references resolved from `environment`.
 * Throws ConfigError with every mistake at once.
 */
export function parseConfig(attributes: unknown, environment: Environment): Config {
  const { reads, issues } = readAttributes(attributes, environment);
  const credentials = credentialsUrl(reads, environment);
  const baseUrl = apiBaseUrl(reads, environment);
  const all = [...issues, ...credentials.issues, ...baseUrl.issues];
  if (all.length > 0)
    throw new ConfigError(formatIssues(all), { issues: all, hint: 'Mend the attributes in the component’s YAML.' });
  const mode = reads.mode.value ?? 'live';
  const assetName = reads.asset_name.value ?? '';
  return {
    assetName,
    assetKey: assetName.split('/'),
    datasetName: reads.dataset_name.value ?? datasetNameOf(assetName),
    accessToken: reads.access_token.value ?? '',
    appId: reads.app_id.value ?? null,
    secret: reads.secret.value ?? null,
    advertiserIds: reads.advertiser_ids.value ?? null,
    resources: reads.resources.value ?? [],
    startDate: reads.start_date.value ?? null,
    endDate: reads.end_date.value ?? null,
    reports: reportConfigs(reads),
    destination: {
      name: reads.destination.value ?? 'duckdb',
      config: reads.destination_config.value ?? null,
      url: credentials.url,
    },
    writeDisposition: reads.write_disposition.value ?? 'merge',
    restateDays: reads.restate_days.value ?? 0,
    includeDeleted: reads.include_deleted.value ?? true,
    onAdvertiserError: reads.on_advertiser_error.value ?? 'fail',
    assetLayout: reads.asset_layout.value ?? 'single',
    checks: reads.checks.value ?? true,
    mode,
    apiBaseUrl: baseUrl.url,
    quota: {
      perSecond: reads.requests_per_second.value ?? quotas[mode].perSecond,
      perMinute: reads.requests_per_minute.value ?? quotas[mode].perMinute,
      perDay: reads.requests_per_day.value ?? quotas[mode].perDay,
      maxConcurrency: reads.max_concurrency.value ?? null,
    },
    includePreview: reads.include_preview_metadata.value ?? true,
    previewRows: reads.preview_rows.value ?? 25,
    partitionStart: firstPartitionDate(reads),
  };
}

/** Every mistake that can be seen without an environment: what holds a reference such as `${VAR}` passes here. */
export function checkAttributes(attributes: unknown): readonly ConfigIssue[] {
  return readAttributes(attributes, null).issues;
}

/** The dataset of an asset that names none: `a/b` gives `a_b`; what cannot stand in a name becomes `_`. */
export function datasetNameOf(assetName: string): string {
  const name = assetName.replaceAll(/[^A-Za-z0-9_]/g, '_').slice(0, 63);
  return /^[0-9]/.test(name) ? `_${name}`.slice(0, 63) : name;
}

function credentialsUrl(
  reads: AttributeReads,
  environment: Environment,
): { readonly url: string | null; readonly issues: readonly ConfigIssue[] } {
  const name = reads.destination_credentials_env_var.value;
  if (name === undefined) return { url: reads.destination_credentials_url.value ?? null, issues: [] };
  const url = environment[name];
  if (url !== undefined && url !== '') return { url, issues: [] };
  const issue = {
    path: 'destination_credentials_env_var',
    message: `environment variable ${name} is not set`,
    allowed: `set ${name} where the run's process starts`,
  };
  return { url: null, issues: [issue] };
}

function apiBaseUrl(
  reads: AttributeReads,
  environment: Environment,
): { readonly url: string | null; readonly issues: readonly ConfigIssue[] } {
  const name = 'TIKTOK_ADS_API_BASE_URL';
  const override = environment[name] === '' ? undefined : environment[name];
  const url = override ?? reads.api_base_url.value;
  if (url === undefined) return { url: null, issues: [] };
  if (!URL.canParse(url)) {
    const issue = {
      path: 'api_base_url',
      message: `${override === undefined ? 'the value' : name} is not a web address`,
      allowed: 'http:// or https://',
    };
    return { url: null, issues: [issue] };
  }
  return { url: url.endsWith('/') ? url : `${url}/`, issues: [] };
}
