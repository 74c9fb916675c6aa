import { atoms, baseAtomCount, type DerivedAtoms } from './cells.ts';
import { type MetricFact, metrics } from './facts.ts';
import { below, hashText } from './hash.ts';

/** How one metric's text is made from sums. `unit` of money: the account's minor unit. */
export type MetricFormula =
  | { readonly kind: 'count'; readonly atom: number }
  /** A count of people, who are counted once: smaller than the sum of its parts. */
  | { readonly kind: 'unique'; readonly atom: number }
  | { readonly kind: 'money'; readonly atom: number }
  /** numerator × factor / denominator. With `money`, the numerator is in minor units and the text has the currency's decimals. */
  | {
      readonly kind: 'ratio';
      readonly numerator: number;
      readonly denominator: number;
      readonly factor: number;
      readonly decimals: number;
      readonly money: boolean;
      readonly uniqueDenominator: boolean;
    }
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'unavailable' };

export interface MetricPlan {
  readonly formulas: readonly MetricFormula[];
  readonly derived: DerivedAtoms;
}

/** Decides for each metric which sums it needs. */
export function planMetrics(names: readonly string[], level: string | null): MetricPlan {
  const sources: number[] = [];
  const rates: number[] = [];
  const known = new Map<string, number>(baseAtoms);

  function atom(name: string): number {
    const found = known.get(name);
    if (found !== undefined) return found;
    const [source, rate] = derivation(name, atom);
    sources.push(source);
    rates.push(rate);
    const index = baseAtomCount + sources.length - 1;
    known.set(name, index);
    return index;
  }

  const formulas = names.map((name) => formulaOf(name, level, atom));
  return { formulas, derived: { sources, rates } };
}

const baseAtoms: readonly (readonly [string, number])[] = [
  ['impressions', atoms.impressions],
  ['spend', atoms.spend],
  ['clicks', atoms.clicks],
  ['conversion', atoms.conversion],
  ['real_time_conversion', atoms.realTimeConversion],
  ['result', atoms.result],
];

/** Shares of 65536 of another number, for metrics whose proportions people know. */
const knownRates: Readonly<Record<string, readonly [string, number]>> = {
  real_time_result: ['result', 65_536],
  reach: ['impressions', 50_000],
  gross_impressions: ['impressions', 66_500],
  billed_cost: ['spend', 65_536],
  cash_spend: ['spend', 49_152],
  voucher_spend: ['spend', 16_384],
  video_play_actions: ['impressions', 60_000],
  video_watched_2s: ['video_play_actions', 24_000],
  video_watched_6s: ['video_watched_2s', 26_000],
  video_views_p25: ['video_play_actions', 20_000],
  video_views_p50: ['video_views_p25', 34_000],
  video_views_p75: ['video_views_p50', 36_000],
  video_views_p100: ['video_views_p75', 40_000],
  engaged_view: ['video_watched_6s', 50_000],
  engaged_view_15s: ['engaged_view', 20_000],
  engagements: ['clicks', 90_000],
  likes: ['impressions', 650],
  comments: ['impressions', 40],
  shares: ['impressions', 60],
  follows: ['impressions', 90],
  profile_visits: ['impressions', 240],
  complete_payment: ['conversion', 30_000],
  /** The value of web purchases, despite its name. */
  total_complete_payment_rate: ['complete_payment', 65_536 * 4_217],
  total_purchase: ['conversion', 20_000],
  purchase: ['total_purchase', 60_000],
  total_purchase_value: ['total_purchase', 65_536 * 1_899],
  /** Hundredths of a second watched. */
  watch_time: ['video_play_actions', 65_536 * 432],
};

function derivation(name: string, atom: (name: string) => number): readonly [number, number] {
  const given = knownRates[name];
  if (given !== undefined) return [atom(given[0]), given[1]];
  const hash = hashText(name);
  const fact = metrics.get(name);
  if (fact?.kind === 'money') return [atom(countFor(name)), 65_536 * (300 + below(hash, 5_000))];
  const group = fact?.group.toLowerCase() ?? '';
  const fromImpressions =
    group.includes('video') ||
    group.includes('click') ||
    group.includes('social') ||
    group.includes('live') ||
    group.includes('add-on');
  return fromImpressions ? [atoms.impressions, 20 + below(hash, 600)] : [atoms.conversion, 4_000 + below(hash, 60_000)];
}

/** The count behind a value: `total_checkout_value` → `total_checkout`. */
function countFor(name: string): string {
  const stem = name.replace(/_value.*$/, '');
  return stem !== name && metrics.get(stem)?.additive === true ? stem : 'conversion';
}

function formulaOf(name: string, level: string | null, atom: (name: string) => number): MetricFormula {
  const fact = metrics.get(name);
  if (fact === undefined) return { kind: 'unavailable' };
  if (fact.attribute || fact.kind === 'text' || fact.kind === 'id') return { kind: 'attribute', name };
  if (name.includes('secondary_goal') && (level === 'AUCTION_CAMPAIGN' || level === 'AUCTION_ADVERTISER'))
    return { kind: 'unavailable' };
  if (name.startsWith('skan_')) return { kind: 'unavailable' };
  if (fact.kind === 'count') return { kind: uniqueCounts.has(name) || !fact.additive ? 'unique' : 'count', atom: atom(name) };
  if (fact.kind === 'money' && fact.additive) return { kind: 'money', atom: atom(name) };
  return ratioOf(name, fact, atom);
}

const uniqueCounts: ReadonlySet<string> = new Set(['reach']);

const knownRatios: Readonly<Record<string, readonly [numerator: string, denominator: string, factor: number]>> = {
  cpc: ['spend', 'clicks', 1],
  cpm: ['spend', 'impressions', 1000],
  ctr: ['clicks', 'impressions', 100],
  frequency: ['impressions', 'reach', 1],
  cost_per_1000_reached: ['spend', 'reach', 1000],
  conversion_rate: ['conversion', 'clicks', 100],
  conversion_rate_v2: ['conversion', 'impressions', 100],
  real_time_conversion_rate: ['real_time_conversion', 'clicks', 100],
  real_time_conversion_rate_v2: ['real_time_conversion', 'impressions', 100],
  real_time_cost_per_conversion: ['spend', 'real_time_conversion', 1],
  result_rate: ['result', 'impressions', 100],
  real_time_result_rate: ['real_time_result', 'impressions', 100],
  real_time_cost_per_result: ['spend', 'real_time_result', 1],
  engagement_rate: ['engagements', 'impressions', 100],
  profile_visits_rate: ['profile_visits', 'impressions', 100],
  average_video_play: ['watch_time', 'video_play_actions', 0.01],
  average_video_play_per_user: ['watch_time', 'reach', 0.01],
  complete_payment_roas: ['total_complete_payment_rate', 'spend', 1],
  value_per_complete_payment: ['total_complete_payment_rate', 'complete_payment', 1],
};

function ratioOf(name: string, fact: MetricFact, atom: (name: string) => number): MetricFormula {
  const [numerator, denominator, factor] = knownRatios[name] ?? guessedRatio(name, fact);
  return {
    kind: 'ratio',
    numerator: atom(numerator),
    denominator: atom(denominator),
    factor,
    decimals: name.endsWith('cost_per_result') ? 3 : 2,
    money: fact.kind === 'money',
    uniqueDenominator: uniqueCounts.has(denominator),
  };
}

/** What the name says: cost per event, event rate, value per event, return on spend. */
function guessedRatio(name: string, fact: MetricFact): readonly [string, string, number] {
  if (name.includes('roas')) return [stemOf(name.replace(/_?roas/, '_value')), 'spend', 1];
  if (fact.kind === 'percent' || name.endsWith('_rate')) return [stemOf(name.replace(/_rate(_v2)?$/, '')), 'clicks', 100];
  if (name.includes('value_per_'))
    return [stemOf(name.replace(/(avg_)?value_per_/, 'value_of_')), stemOf(name.replace(/(avg_)?value_per_/, '')), 1];
  if (fact.kind === 'money') return ['spend', stemOf(name.replace(/cost_(per_|total_|pre_)?|_cost$/, '')), 1];
  return ['watch_time', 'video_play_actions', 0.01];
}

/** The catalogue's metric of this stem if there is one, in singular or plural; else a number of its own. */
function stemOf(stem: string): string {
  for (const candidate of [stem, `${stem}s`, `total_${stem}`]) if (metrics.get(candidate)?.additive === true) return candidate;
  return stem;
}
