/** The share of a day's delivery that each hour gets, of 1024; morning lull, evening peak. */
const hourWeights = [26, 18, 14, 12, 12, 16, 24, 34, 42, 46, 48, 48, 50, 50, 48, 46, 48, 52, 58, 64, 70, 72, 68, 58];

/** Positions inside an ad's day are counted of this many: 1024 hour shares × 1024 breakdown shares. */
export const dayWidth = 1024 * 1024;

/** Where each hour starts, of 1024; entry 24 is the day's end. An hour that does not exist leaves its share to the next one. */
export function hourStarts(exists: readonly boolean[]): Int32Array {
  const starts = new Int32Array(25);
  let sum = 0;
  for (let hour = 0; hour < 24; hour += 1) {
    sum += hourWeights[hour] ?? 0;
    starts[hour + 1] = exists[hour] === true || hour === 23 ? sum : (starts[hour] ?? 0);
  }
  return starts;
}
