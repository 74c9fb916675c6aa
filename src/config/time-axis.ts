import { addDays } from '../plan/window.ts';
import { timePartitionTypes } from './choices.ts';
import { entriesOf } from './entries.ts';
import type { Read } from './field-types.ts';

/** The time type that partitions the asset, in whichever spelling it is given; null if there is none. */
export function timeAxis(reads: Readonly<Record<string, Read<unknown>>>): string | null {
  const times: readonly unknown[] = timePartitionTypes;
  const type = reads['partition_type']?.value;
  const found = [type, ...entriesOf(reads, 'partition_dimensions').map(({ reads: own }) => own['type']?.value)].find((one) =>
    times.includes(one),
  );
  if (typeof found === 'string') return found;
  // One of multi's axes is always time: days, where nothing else is known.
  return type === 'multi' ? 'daily' : null;
}

/** First date of the first partition, as Dagster cuts weeks (from Sunday) and months; null without partitions of time. */
export function firstPartitionDate(reads: Readonly<Record<string, Read<unknown>>>): string | null {
  const starts = [reads['partition_start'], ...entriesOf(reads, 'partition_dimensions').map(({ reads: own }) => own['start'])];
  const start = starts.map((read) => read?.value).find((value) => typeof value === 'string');
  if (typeof start !== 'string') return null;
  const kind = timeAxis(reads);
  let date = start.slice(0, 10);
  const isFirst = (): boolean => {
    if (kind === 'weekly') return new Date(`${date}T00:00:00Z`).getUTCDay() === 0;
    return kind !== 'monthly' || date.endsWith('-01');
  };
  while (!isFirst()) date = addDays(date, 1);
  return date;
}
