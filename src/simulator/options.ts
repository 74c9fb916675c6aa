import { z } from 'zod';
import { ConfigError } from '../errors.ts';
import { dayOf } from './days.ts';
import { faultSchema } from './fault-rules.ts';

const advertiserId = z.union([
  z.string().regex(/^\d{1,20}$/, 'an advertiser id is 1 to 20 digits'),
  z.int().nonnegative().transform(String),
]);
const date = z.string().refine((text) => dayOf(text) !== undefined, 'a date is written YYYY-MM-DD');
const count = z.int().nonnegative();
const percent = z.number().min(0).max(100);

/** How large one account is and what lives in it. Numbers are per account. */
const shape = {
  campaigns: count.max(100_000).optional(),
  adGroupsPerCampaign: count.max(10_000).optional(),
  adsPerAdGroup: count.max(10_000).optional(),
  videos: count.max(10_000_000).optional(),
  images: count.max(10_000_000).optional(),
  /** The oldest campaigns, so many, are TopView: found only in a pass of their own. */
  topViewCampaigns: count.optional(),
  /** The campaigns behind those were made in the TikTok app: found only if their origin is asked for. */
  promotedCampaigns: count.optional(),
  deletedPercent: percent.optional(),
  /** Of the days an ad runs, how many deliver. */
  deliveryPercent: percent.optional(),
  /** Every ad runs on every day of the history, so that rows = ads × days × deliveryPercent. */
  alwaysOn: z.boolean().optional(),
};

const advertiser = z.strictObject({
  id: advertiserId,
  name: z.string().optional(),
  currency: z.string().length(3).optional(),
  timezone: z.string().optional(),
  displayTimezone: z.string().optional(),
  /** `denied` and `deleted` accounts answer 40001. */
  access: z.enum(['granted', 'denied', 'deleted']).optional(),
  ...shape,
});

const app = z.strictObject({
  appId: z.string(),
  secret: z.string(),
  accessToken: z.string(),
  /** Accounts this token may read; all if left out. */
  advertiserIds: z.array(advertiserId).optional(),
  /** False: a token without the account scope, which fails on `advertiser/info/` but runs reports. */
  accountScope: z.boolean().default(true),
  /** False: not on the list for asynchronous reports (40118). */
  asyncReports: z.boolean().default(true),
});

const quota = z.strictObject({
  perSecond: count.optional(),
  perMinute: count.optional(),
  perDay: count.optional(),
  /** Per advertiser and path. */
  perAdvertiserSecond: count.optional(),
  /** How long an app that broke its limit per minute is kept out. TikTok: 5 minutes. */
  minutePenaltyMs: count.optional(),
  /** `fixed`: whole seconds and minutes of the clock. `sliding`: any second, any minute; stricter. */
  window: z.enum(['fixed', 'sliding']).optional(),
});

const optionsSchema = z.strictObject({
  port: z.int().min(0).max(65_535).default(0),
  host: z.string().default('127.0.0.1'),
  seed: z.int().default(1),
  /** Accounts: how many (ids are made up), or which. */
  advertisers: z.union([z.int().min(0).max(100_000), z.array(z.union([advertiserId, advertiser]))]).default(3),
  /** Any numeric id is an account, as if it had always been there. */
  anyAdvertiser: z.boolean().default(false),
  accessToken: z.string().default('simulated-access-token'),
  appId: z.string().default('7000000000000000000'),
  secret: z.string().default('simulated-secret'),
  /** Any token is right, except an empty one and one that begins with `Bearer `. */
  anyToken: z.boolean().default(false),
  /** Several apps with quotas of their own; replaces accessToken, appId and secret. */
  apps: z.array(app).min(1).optional(),
  accountScope: z.boolean().default(true),
  asyncReports: z.boolean().default(true),
  sandbox: z.boolean().default(false),
  /** The simulated time at the start; the real time if left out. */
  now: z.union([z.iso.datetime({ offset: true }), z.number()]).optional(),
  /** Simulated time stands still at `now`. */
  frozen: z.boolean().default(false),
  /** First day of any delivery. */
  historyStart: date.default('2023-01-01'),
  /** Numbers of recent days change as simulated time goes on. */
  restatement: z.boolean().default(true),
  /** AUCTION reports at campaign, ad group and ad level hold TopView rows too. */
  topViewInAuctionReports: z.boolean().default(false),
  /** `total_metrics` of reports. `none`: as if they had not been asked for; `dashes`: without a single figure. */
  totalMetrics: z.enum(['given', 'none', 'dashes']).default('given'),
  /** Metrics that no source shows to be right in reports are answered all the same. */
  acceptUnprovenMetrics: z.boolean().default(true),
  /** A breakdown takes metrics that the API's documents do not list for it, and AUDIENCE reports take any attribute of the level or above. Connectors send such in production. */
  acceptUndocumentedBreakdowns: z.boolean().default(false),
  ...shape,
  /** A synchronous report considers at most this many newest ids. */
  reportIdsMax: count.default(20_000),
  /** A file search reaches this many newest files. */
  fileSearchMax: count.default(10_000),
  /** A report over more than this many cells (ids × days × breakdown values) answers 40067; 0: never. */
  reportCellsMax: count.default(0),
  quota: z.union([z.literal(false), quota]).default({}),
  faults: z.array(faultSchema).default([]),
  /** Every answer waits this long. */
  latencyMs: z.union([count, z.strictObject({ min: count, max: count })]).default(0),
  /** Answers are compressed for who asks for it. */
  gzip: z.boolean().default(false),
  /** How many checks an asynchronous report takes until it is ready. */
  taskChecks: count.default(2),
  /** Newest requests that the statistics list. */
  requestsKept: count.default(10_000),
});

export type SimulatorOptions = z.input<typeof optionsSchema>;
export type Options = z.output<typeof optionsSchema>;
export type AdvertiserOptions = z.output<typeof advertiser>;
export type AppOptions = z.output<typeof app>;
export type QuotaOptions = z.output<typeof quota>;

/** Reads options given as `unknown`; a ConfigError lists every mistake. */
export function parseOptions(given: unknown): Options {
  const parsed = optionsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join('.') || 'options', message: issue.message }));
  const list = issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ');
  throw new ConfigError(`The simulator's options are wrong: ${list}`, { issues, code: 'simulator_options' });
}
