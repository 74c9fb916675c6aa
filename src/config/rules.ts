import type { OptionFacts } from '../destinations/options.ts';

/** A test on one attribute. All tests of a condition must hold. */
export type Test =
  | { readonly attribute: string; readonly in: readonly string[] }
  | { readonly attribute: string; readonly notIn: readonly string[] }
  | { readonly attribute: string; readonly given: boolean }
  | { readonly attribute: string; readonly includes: string }
  /** The time type that partitions the asset, in whichever spelling it is given. */
  | { readonly timeAxis: readonly string[] };

/**
 * What must hold among attributes: data, so that Python reads the same rules. A rule whose attributes cannot be known yet (they hold a
 * `${VAR}`), or are wrong by themselves, is left for later.
 */
export type Rule =
  /** All of them or none. */
  | { readonly kind: 'together'; readonly attributes: readonly string[]; readonly message: string }
  /** At most one of them. */
  | { readonly kind: 'exclusive'; readonly attributes: readonly string[]; readonly message: string }
  | {
      readonly kind: 'required';
      readonly attribute: string;
      readonly when: readonly Test[];
      readonly message: string;
      readonly allowed?: string;
    }
  | {
      readonly kind: 'refused';
      readonly attribute: string;
      readonly when: readonly Test[];
      readonly message: string;
      readonly allowed?: string;
    }
  /** The same for the field of each entry of a list, where it is one of these; the tests are of the whole. */
  | {
      readonly kind: 'refused-in-entries';
      readonly entries: string;
      readonly field: string;
      readonly in: readonly string[];
      readonly when: readonly Test[];
      readonly message: string;
      readonly allowed?: string;
    }
  /** The first is not greater than the second; both are texts that sort. */
  | { readonly kind: 'order'; readonly first: string; readonly second: string; readonly message: string }
  /** The same in each entry of a list, where one of the two is left out and has the component's value. */
  | {
      readonly kind: 'order-inherited';
      readonly entries: string;
      readonly first: string;
      readonly second: string;
      readonly message: string;
    }
  /** Each text of a list is also in another list, where that is given. */
  | { readonly kind: 'subset'; readonly attribute: string; readonly of: string; readonly message: string }
  /** The same for a list in each entry of a list. */
  | {
      readonly kind: 'subset-of-entries';
      readonly entries: string;
      readonly field: string;
      readonly of: string;
      readonly message: string;
    }
  /** The keys of a mapping are among these. */
  | {
      readonly kind: 'keys';
      readonly attribute: string;
      readonly when: readonly Test[];
      readonly among: readonly string[];
      readonly message: string;
    }
  /** The names and values in a mapping, and in the mapping that may stand in it under one name, are those of a destination. */
  | {
      readonly kind: 'options';
      readonly attribute: string;
      readonly within: string;
      readonly when: readonly Test[];
      readonly options: Readonly<Record<string, OptionFacts>>;
      readonly otherNames: Readonly<Record<string, string | null>>;
      readonly message: string;
    }
  /** Of each group of words, exactly one entry has one in this field. */
  | {
      readonly kind: 'one-of-each';
      readonly entries: string;
      readonly field: string;
      readonly groups: readonly (readonly string[])[];
      readonly message: string;
      readonly allowed: string;
    };
