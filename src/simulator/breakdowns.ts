import { mix } from './hash.ts';

/** The values of one breakdown, or of several together, and how an ad's delivery is shared among them. */
export interface Breakdown {
  readonly dimensions: readonly string[];
  /** One entry per cell, its values in the order of `dimensions`. */
  readonly cells: readonly (readonly string[])[];
  /** Per variant of ads, where each cell starts, of 1024; one entry more than there are cells. */
  readonly starts: readonly Int32Array[];
}

/** Ads differ in whom they reach: there are this many patterns. */
export const breakdownVariants = 4;

/** Values with their weights. */
const valuesOf: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  age: { AGE_13_17: 4, AGE_18_24: 30, AGE_25_34: 28, AGE_35_44: 18, AGE_45_54: 11, AGE_55_100: 7, NONE: 2 },
  gender: { FEMALE: 52, MALE: 45, NONE: 3 },
  country_code: { US: 40, GB: 14, DE: 14, FR: 10, JP: 8, IN: 6, BR: 4, NZ: 3, NONE: 1 },
  platform: { ANDROID: 55, IPHONE: 38, IPAD: 5, PC: 2 },
  ac: { WIFI: 60, '4G': 24, '5G': 14, '3G': 2 },
  language: { en: 60, de: 12, ja: 8, es: 10, hi: 5, ar: 5 },
  placement: { TikTok: 80, Pangle: 15, 'Global App Bundle': 5 },
  province_id: { '5332921': 30, '4736286': 20, '5128638': 20, '4155751': 18, '2950157': 12 },
  dma_id: { '501': 40, '803': 30, '602': 20, '0': 10 },
  ad_type: { NORMAL: 80, SPARK: 20 },
  interest_category: { '10100': 40, '11100': 30, '13100': 20, '0': 10 },
  search_terms: { shoes: 40, 'running shoes': 25, 'zapatillas niño': 15, 'shoes "cheap"': 12, 靴: 8, 'second hand shoes': 1 },
  match_type: { EXACT: 40, PHRASE: 35, BROAD: 25 },
  custom_event_type: { PURCHASE: 60, ADD_TO_CART: 40 },
  skan_postback_sequence: { '0': 70, '1': 20, '2': 10 },
};

/** The breakdown of these dimensions; undefined if there are none. */
export function breakdownOf(dimensions: readonly string[]): Breakdown | undefined {
  if (dimensions.length === 0) return undefined;
  let cells: { readonly values: readonly string[]; readonly weights: readonly number[] }[] = [
    { values: [], weights: Array(breakdownVariants).fill(1) },
  ];
  for (const dimension of dimensions) {
    const choices = Object.entries(valuesOf[dimension] ?? idValues(dimension));
    cells = cells.flatMap((cell) =>
      choices.map(([value, weight], index) => ({
        values: [...cell.values, value],
        weights: cell.weights.map((before, variant) => before * (weight + ((index + variant * 3) % 5) * variant)),
      })),
    );
  }
  const starts = Array.from({ length: breakdownVariants }, (_, variant) =>
    startsOf(cells.map((cell) => cell.weights[variant] ?? 0)),
  );
  return { dimensions, cells: cells.map((cell) => cell.values), starts };
}

/** Dimensions whose values are ids of something: six of them. */
function idValues(dimension: string): Readonly<Record<string, number>> {
  const ids: Record<string, number> = {};
  for (let i = 0; i < 6; i += 1)
    ids[`71${String(mix(dimension.length * 131 + dimension.charCodeAt(0), i) >>> 0).padStart(10, '0')}0000001`] = 10 - i;
  return ids;
}

function startsOf(weights: readonly number[]): Int32Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const starts = new Int32Array(weights.length + 1);
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) {
    sum += weights[i] ?? 0;
    starts[i + 1] = Math.round((sum * 1024) / total);
  }
  return starts;
}
