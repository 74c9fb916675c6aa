import fc from 'fast-check';
import type { FaultRuleInput } from '../../src/simulator/fault-rules.ts';

const listPaths = [
  'report/integrated/get/',
  'campaign/get/',
  'adgroup/get/',
  'ad/get/',
  'file/video/ad/search/',
  'file/image/ad/search/',
] as const;

/** Refusals that pass: the same request succeeds some time later. */
const passingCodes = [40_016, 40_100, 40_133, 50_000, 50_002, 51_010, 60_001];

type Effect = FaultRuleInput['effect'];

/** What can happen to any answer. */
const anywhere: fc.Arbitrary<Effect> = fc.oneof(
  fc.constantFrom(...passingCodes).map((code): Effect => ({ kind: 'code', code })),
  fc.constantFrom(429, 500, 502, 503, 504).map((status): Effect => ({ kind: 'http', status })),
  fc.constant<Effect>({ kind: 'reset' }),
  fc
    .record({ share: fc.double({ min: 0, max: 0.99, noNaN: true }), clean: fc.boolean() })
    .map((cut): Effect => ({ kind: 'truncate', ...cut })),
  fc.constant<Effect>({ kind: 'slow', ms: 60, pieces: 5 }),
  fc.constant<Effect>({ kind: 'latency', ms: 80 }),
);

/** What only a list can suffer: records that come twice or not at all, which its count gives away. */
const inLists: fc.Arbitrary<Effect> = fc.oneof(
  fc.constant<Effect>({ kind: 'duplicate' }),
  fc.integer({ min: 1, max: 3 }).map((count): Effect => ({ kind: 'drop', count })),
);

const place = { after: fc.integer({ min: 0, max: 8 }), times: fc.integer({ min: 1, max: 2 }) };

const passing: fc.Arbitrary<FaultRuleInput> = fc
  .record({ path: fc.option(fc.constantFrom('advertiser/info/', ...listPaths)), effect: anywhere, ...place })
  .map(({ path, ...rest }) => ({ ...rest, match: path === null ? {} : { path } }));

const changing: fc.Arbitrary<FaultRuleInput> = fc
  .record({ path: fc.constantFrom(...listPaths), effect: inLists, after: place.after, times: fc.constant(1) })
  .map(({ path, ...rest }) => ({ ...rest, match: { path } }));

/** TikTok's own limit of what one report may ask: it stays, and the run has to ask for less. */
const tooLarge: fc.Arbitrary<FaultRuleInput> = fc
  .integer({ min: 1, max: 12 })
  .map((maxDays) => ({ match: { path: 'report/integrated/get/' }, effect: { kind: 'too-large', maxDays } }));

/** Several faults at random places; each alone, and all together, can be got over. */
export const faults: fc.Arbitrary<readonly FaultRuleInput[]> = fc
  .tuple(fc.array(passing, { maxLength: 4 }), fc.array(changing, { maxLength: 2 }), fc.option(tooLarge, { freq: 3 }))
  .map(([some, lists, large]) => [...some, ...lists, ...(large ? [large] : [])]);
