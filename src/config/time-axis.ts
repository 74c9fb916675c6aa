import { timePartitionTypes } from './choices.ts';
import type { Entry, Read } from './field-types.ts';

/** The time type that partitions the asset, in whichever spelling it is given; null if there is none. */
export function timeAxis(reads: Readonly<Record<string, Read<unknown>>>): string | null {
  const times: readonly unknown[] = timePartitionTypes;
  const type = reads['partition_type']?.value;
  const { value } = reads['partition_dimensions'] ?? {};
  const axes: readonly Entry[] = Array.isArray(value) ? value : [];
  const found = [type, ...axes.map(({ reads: own }) => own['type']?.value)].find((one) => times.includes(one));
  if (typeof found === 'string') return found;
  // One of multi's axes is always time: days, where nothing else is known.
  return type === 'multi' ? 'daily' : null;
}
