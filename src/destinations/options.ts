import { z } from 'zod';
import { ConfigError, type ConfigIssue } from '../errors.ts';
import { nearest } from '../suggest.ts';
import type { DestinationDefinition, GivenCredentials } from './destination.ts';

/** A mistake among a destination's options. */
export interface OptionMistake {
  readonly issue: ConfigIssue;
  /** It lies in a name, or in what is not there: whatever the values may turn out to be, it stays one. */
  readonly whateverTheValues: boolean;
}

/** What an option's value has to be, by itself. */
export interface OptionFacts {
  readonly type: 'text' | 'number' | 'integer';
  readonly choices?: readonly string[];
  readonly minimum?: number;
  /** The value is greater. */
  readonly above?: number;
}

/** The options that `destination_config` may have, as the destination itself calls them, in the order of its page. */
export function optionFacts(destination: DestinationDefinition): Readonly<Record<string, OptionFacts>> {
  const { properties = {} } = z.toJSONSchema(destination.options, { io: 'input' });
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => name !== 'dataset')
      .map(([name, schema]) => [name, factsOf(typeof schema === 'boolean' ? {} : schema)]),
  );
}

function factsOf({ type, enum: choices, minimum, exclusiveMinimum }: z.core.JSONSchema.JSONSchema): OptionFacts {
  return {
    type: type === 'number' || type === 'integer' ? type : 'text',
    ...(choices === undefined ? {} : { choices: choices.map(String) }),
    ...(minimum === undefined ? {} : { minimum }),
    ...(exclusiveMinimum === undefined ? {} : { above: Number(exclusiveMinimum) }),
  };
}

/** The destination's options, parsed, or every mistake in them. Throws ConfigError where not even their form can be read. */
export function readOptions(
  destination: DestinationDefinition,
  given: GivenCredentials,
): { readonly options: unknown; readonly mistakes: readonly OptionMistake[] } {
  const parsed = destination.options.safeParse(destination.optionsFrom(given), { reportInput: true });
  if (parsed.success) return { options: parsed.data, mistakes: [] };
  return { options: null, mistakes: parsed.error.issues.flatMap((issue) => mistakesOf(destination, given, issue)) };
}

/** One error for all mistakes. Its texts name options and hold no value. */
export function optionsError(destination: DestinationDefinition, mistakes: readonly OptionMistake[]): ConfigError {
  const issues = mistakes.map(({ issue }) => issue);
  const lines = issues.map(
    ({ path, message, suggestion }) => `${path}: ${message}${suggestion === undefined ? '' : `; did you mean ${suggestion}?`}`,
  );
  return new ConfigError(`Destination ${destination.name}: ${lines.join('; ')}`, {
    issues,
    hint: `docs/destinations/${destination.name}.md lists every option.`,
  });
}

function mistakesOf(
  destination: DestinationDefinition,
  given: GivenCredentials,
  issue: z.core.$ZodIssue,
): readonly OptionMistake[] {
  if (issue.code === 'unrecognized_keys') {
    const names = Object.keys(optionFacts(destination));
    return issue.keys.map((key) => {
      const suggestion = nearest(key, names);
      const message = `\`${key}\` is no option of destination ${destination.name}`;
      return {
        issue: {
          path: placeOf(key, given),
          message,
          allowed: names.join(', '),
          ...(suggestion === undefined ? {} : { suggestion }),
        },
        whateverTheValues: true,
      };
    });
  }
  const [name] = issue.path.map(String);
  const path = name === undefined ? 'destination_config' : placeOf(name, given);
  const subject = name === undefined || path.endsWith(`.${name}`) ? '' : `\`${name}\` `;
  return [{ issue: { path, message: `${subject}${wordsOf(issue)}` }, whateverTheValues: issue.input === undefined }];
}

function wordsOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `is none of ${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
      // A message of our own says what is missing; the library's would only name JavaScript types.
      return /^Invalid input/.test(issue.message)
        ? `is no ${issue.expected === 'string' ? 'text' : issue.expected}`
        : issue.message;
    case 'too_small':
      return issue.origin === 'string' ? 'is empty' : `is smaller than ${issue.minimum}`;
    default:
      return issue.message;
  }
}

/** Where the user wrote an option, or would write it. */
function placeOf(name: string, { config, url }: GivenCredentials): string {
  const credentials = config?.['credentials'];
  if (config !== null && name in config) return `destination_config.${name}`;
  if (typeof credentials === 'object' && credentials !== null)
    return `destination_config.credentials${name in credentials ? `.${name}` : ''}`;
  if (typeof credentials === 'string') return 'destination_config.credentials';
  return url === null ? `destination_config.${name}` : 'destination_credentials_url';
}
