/**
 * Mixes two whole numbers into 32 well-spread bits (signed). The world is made of nothing else: the same seed and the same place
 * in the tree always give the same number, so nothing has to be stored.
 */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul((b + 0x7f4a7c15) | 0, 0xc2b2ae35);
  h ^= h >>> 16;
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846ca68b);
  return h ^ (h >>> 16);
}

/** Mixes a text into 32 bits. */
export function hashText(text: string, seed = 0): number {
  let h = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h, text.length);
}

/** A whole number from 0 to `n - 1`. */
export function below(hash: number, n: number): number {
  return (hash >>> 0) % n;
}

export function pick<T>(hash: number, choices: readonly [T, ...T[]]): T {
  return choices[below(hash, choices.length)] ?? choices[0];
}
