/** An option that takes a value, or a switch. What is checked here is told with all other mistakes of the command line at once. */
export type OptionDefinition =
  | { readonly kind: 'switch'; readonly description: string }
  | ({ readonly description: string; readonly default: string | null; readonly required?: true } & (
      | { readonly kind: 'text'; readonly value: string }
      /** YYYY-MM-DD. */
      | { readonly kind: 'date' }
      /** A whole number from 0 to `most`. */
      | { readonly kind: 'count'; readonly value: string; readonly most: number }
      /** One of `allowed`, upper and lower case alike, `-` as `_`; `prefix` may be left out. */
      | { readonly kind: 'choice'; readonly value: string; readonly allowed: readonly string[]; readonly prefix?: string }
    ));

/** What a command's words (arguments that are no options) are: one defs.yaml, some of them, a text to look for, or nothing. */
export type WordsKind = 'file' | 'files' | 'search' | 'none';

/** One command, as its help shows it and as its arguments are parsed. */
export interface CommandPage {
  readonly name: string;
  /** What it does, in whole sentences. */
  readonly about: string;
  readonly words: WordsKind;
  /** Options of most use; the help's first line shows them. */
  readonly synopsis: string;
  readonly options: Readonly<Record<string, OptionDefinition>>;
  /** Command lines, each with what it does. */
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** By exit code. */
  readonly exits: Readonly<Record<number, string>>;
  readonly more?: string;
}

/** Options that several commands have: the same word means the same thing in each. */
export const sharedOptions = {
  config: { kind: 'text', value: 'FILE', default: null, description: 'the defs.yaml, in place of FILE' },
  asset: {
    kind: 'text',
    value: 'NAME',
    default: 'the only component of the file',
    description: 'which component, by its asset_name, if the file has several',
  },
  start: { kind: 'date', default: "the file's start_date", description: 'first day of the reports, included' },
  end: { kind: 'date', default: "the file's end_date", description: 'last day of the reports, included' },
  json: { kind: 'switch', description: 'print one JSON object on standard output; messages go to standard error' },
} as const satisfies CommandPage['options'];
