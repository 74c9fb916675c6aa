import type { ConfigIssue } from '../errors.ts';
import type { Rule } from './rules.ts';

/** The closed set of what an attribute may hold. Each has one arm in `read.ts` and one in Python's `_validation.py`. */
type FieldKind = 'text' | 'enum' | 'ids' | 'words' | 'mapping' | 'date' | 'integer' | 'number' | 'boolean' | 'entries' | 'any';

/** Heading under which the documentation lists an attribute. */
export type FieldGroup =
  | 'Account'
  | 'What to load'
  | 'Reports'
  | 'Destination'
  | 'Loading'
  | 'Quota'
  | 'Partitions'
  | 'Compute'
  | 'Asset';

/** One attribute: what it means, what it accepts, and the words its mistakes are told in. */
export interface FieldDefinition {
  readonly kind: FieldKind;
  readonly group: FieldGroup;
  readonly description: string;
  readonly examples?: readonly unknown[];
  /** What holds if the attribute is not given. A text in words where the value depends on others. */
  readonly default?: unknown;
  readonly defaultText?: string;
  readonly required?: true;
  /** Its value is never shown. */
  readonly secret?: true;
  /** Completes "… is not": `a date`. */
  readonly expected?: string;
  /** What would be right, where the kind does not say it by itself. */
  readonly allowed?: string;
  /** The words of an `enum` or of `words`. */
  readonly choices?: readonly string[];
  /** A regular expression that the whole text, or each text of a list, must match; in the subset that JavaScript and Python share. */
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Most texts a list may have. */
  readonly itemsMax?: number;
  /** `date`: an hour may follow, as hourly partitions start. */
  readonly hours?: true;
  /** `mapping`: a text that is no JSON stands for a mapping with this one key. */
  readonly textKey?: string;
  /** `mapping`: what each value must be; anything if left out. */
  readonly values?: 'text' | 'words';
  /** `mapping`: what each key must match. */
  readonly keyPattern?: string;
  /** `entries`: the fields of each mapping in the list, the field whose values must differ, and rules among the fields. */
  readonly fields?: Readonly<Record<string, FieldDefinition>>;
  readonly uniqueBy?: string;
  readonly rules?: readonly Rule[];
}

/** What reading one attribute came to. `value` is the default where nothing was given. */
export type Read<T> =
  | { readonly state: 'value' | 'absent'; readonly value: T | undefined; readonly issues: readonly [] }
  /** Holds a reference that only the run's environment can resolve; what can be checked without it was. */
  | {
      readonly state: 'deferred';
      readonly value: undefined;
      readonly issues: readonly ConfigIssue[];
      /** Of a mapping with references in it: the mapping, for what can be said of its names. */
      readonly written?: unknown;
    }
  /** Wrong; `value` has what could be read all the same, for `entries` only. */
  | { readonly state: 'invalid'; readonly value: T | undefined; readonly issues: readonly ConfigIssue[] };

/** The type that a field of a kind has after reading. */
export interface ValueOfKind {
  readonly text: string;
  readonly enum: string;
  readonly ids: readonly string[];
  readonly words: readonly string[];
  readonly mapping: Readonly<Record<string, unknown>>;
  readonly date: string;
  readonly integer: number;
  readonly number: number;
  readonly boolean: boolean;
  readonly entries: readonly Entry[];
  readonly any: unknown;
}

/** One mapping of an `entries` list. */
export interface Entry {
  /** Its place in the list. */
  readonly index: number;
  readonly reads: Readonly<Record<string, Read<unknown>>>;
}
