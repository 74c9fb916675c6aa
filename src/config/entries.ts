import type { Entry, Read } from './field-types.ts';

/** The entries of a list attribute such as `reports`, in order; none where it is left out or not known yet. */
export function entriesOf(reads: Readonly<Record<string, Read<unknown>>>, name: string): readonly Entry[] {
  const { value } = reads[name] ?? {};
  return Array.isArray(value) ? value : [];
}
