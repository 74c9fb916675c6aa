import { z } from 'zod';

const count = z.int().nonnegative();

/** What a rule does to a request it matches. */
const effect = z.discriminatedUnion('kind', [
  /** A return code inside HTTP 200, with TikTok's own text unless one is given. */
  z.strictObject({ kind: z.literal('code'), code: z.int(), message: z.string().optional() }),
  /** An HTML page from the edge, e.g. 429, 500, 502, 504. */
  z.strictObject({ kind: z.literal('http'), status: z.int().min(400).max(599), body: z.string().optional() }),
  /** The connection breaks before any answer. */
  z.strictObject({ kind: z.literal('reset') }),
  /** The body ends early, at this share of its length. `clean`: with a Content-Length that fits the cut body. */
  z.strictObject({
    kind: z.literal('truncate'),
    share: z.number().min(0).max(1).default(0.5),
    clean: z.boolean().default(false),
  }),
  /** The body comes in pieces over this time. */
  z.strictObject({ kind: z.literal('slow'), ms: count, pieces: count.min(1).default(10) }),
  /** No answer, the connection stays open. */
  z.strictObject({ kind: z.literal('hang') }),
  z.strictObject({ kind: z.literal('latency'), ms: count }),
  /** New entities appear just before this answer: pages shift, totals move. */
  z.strictObject({
    kind: z.literal('insert'),
    entity: z.enum(['campaign', 'adgroup', 'ad']).default('campaign'),
    count: count.default(1),
    /** They were made this long ago, so that reports of past days get rows too. */
    daysAgo: count.default(0),
  }),
  /** The first record of the list comes twice. */
  z.strictObject({ kind: z.literal('duplicate') }),
  /** The last records are left out of the list; page_info does not tell. */
  z.strictObject({ kind: z.literal('drop'), count: count.min(1).default(1) }),
  /** A report that asks for this metric is refused as TikTok refuses a metric the account may not see. */
  z.strictObject({ kind: z.literal('invalid-metric'), metric: z.string() }),
  /** A report over more days than this answers 40067. */
  z.strictObject({ kind: z.literal('too-large'), maxDays: count }),
  /** From now on this token is revoked (40105). */
  z.strictObject({ kind: z.literal('revoke') }),
  /** Simulated time jumps before this answer. */
  z.strictObject({ kind: z.literal('advance'), ms: z.int() }),
]);

export const faultSchema = z.strictObject({
  name: z.string().optional(),
  match: z
    .strictObject({
      /** Below `/open_api/v1.3/`, e.g. `campaign/get/`. */
      path: z.string().optional(),
      advertiserId: z.string().optional(),
      page: z.int().optional(),
      accessToken: z.string().optional(),
      /** Other parameters, as they stand in the query. */
      parameters: z.record(z.string(), z.string()).optional(),
    })
    .default({}),
  /** Matching requests to let through first. */
  after: count.default(0),
  /** How many requests it hits; without it, all. */
  times: count.optional(),
  /** Of the matching requests only each n-th. */
  every: count.min(1).default(1),
  effect,
});

export type FaultRule = z.output<typeof faultSchema>;
export type FaultRuleInput = z.input<typeof faultSchema>;
export type FaultEffect = z.output<typeof effect>;
