import { issueList } from '../config/format-issues.ts';
import { ConfigError, type ConfigIssue, describe } from '../errors.ts';
import { nearest } from '../suggest.ts';
import { allowedText, helpPage, usageLine } from './help.ts';
import type { CommandIo } from './io.ts';
import type { CommandPage, OptionDefinition } from './page.ts';

/** Exit code of a command that was called wrongly, or that found the configuration wrong. */
export const exitConfigError = 2;

export interface CommandLine<Name extends string = string> {
  /** Value of an option, in the spelling that `allowed` has; undefined if it is not given. */
  readonly text: (name: Name) => string | undefined;
  /** Value of a count. */
  readonly count: (name: Name) => number | undefined;
  /** Whether a switch is given. */
  readonly has: (name: Name) => boolean;
  /** The defs.yaml of a command that takes one, the first of those that take several. */
  readonly file: string;
  /** What is no option; files that `--config` names are among them. */
  readonly words: readonly string[];
}

/** Parses a command's arguments. Shows help, or every mistake at once, and gives the exit code, if the command is not to run. */
export function parseCommandLine<Page extends CommandPage>(
  page: Page,
  argv: readonly string[],
  io: CommandIo,
): CommandLine<keyof Page['options'] & string> | number {
  const { given, words, help, issues } = read(page, argv);
  if (help) {
    io.stdout(`${helpPage(page)}\n`);
    return 0;
  }
  const config = given.get('config');
  const takesFiles = page.words === 'file' || page.words === 'files';
  const files = takesFiles && config !== undefined ? [config, ...words] : words;
  const all = [...issues, ...wordIssues(page, files), ...missing(page, given)];
  if (all.length > 0) {
    tell(page, all, argv.includes('--json') && 'json' in page.options, io);
    return exitConfigError;
  }
  return {
    text: (name) => given.get(name),
    count: (name) => (given.has(name) ? Number(given.get(name)) : undefined),
    has: (name) => given.has(name),
    file: files[0] ?? '',
    words: files,
  };
}

interface Read {
  /** By option; a switch has an empty text. */
  readonly given: ReadonlyMap<string, string>;
  readonly words: readonly string[];
  readonly help: boolean;
  readonly issues: readonly ConfigIssue[];
}

/** `--name value`, `--name=value`, words, and `--` after which all are words. */
function read(page: CommandPage, argv: readonly string[]): Read {
  const given = new Map<string, string>();
  const words: string[] = [];
  const issues: ConfigIssue[] = [];
  let help = false;
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    if (argument === '--') {
      words.push(...argv.slice(index + 1));
      break;
    }
    if (argument === '-h' || argument === '--help') {
      help = true;
      continue;
    }
    if (!/^-./.test(argument)) {
      words.push(argument);
      continue;
    }
    const [, name = '', inline] = /^--?([^=]*)(?:=([\s\S]*))?$/.exec(argument) ?? [];
    const option = argument.startsWith('--') && Object.hasOwn(page.options, name) ? page.options[name] : undefined;
    const next = argv[index + 1];
    if (option === undefined) {
      issues.push(unknown(page, argument, name));
      // The value of a misspelt option is no word.
      const meant = page.options[meantOption(page, name) ?? ''];
      if (inline === undefined && meant !== undefined && meant.kind !== 'switch' && isValue(next)) index += 1;
      continue;
    }
    if (option.kind === 'switch') {
      if (inline !== undefined) issues.push({ path: `--${name}`, message: 'takes no value' });
      given.set(name, '');
      continue;
    }
    if (inline === undefined && isValue(next)) index += 1;
    const value = inline ?? (isValue(next) ? next : '');
    const { issue, text } = checked(name, option, value);
    if (issue) issues.push(issue);
    else if (given.has(name) && given.get(name) !== text)
      issues.push({ path: `--${name}`, message: 'is given twice, with different values' });
    given.set(name, text);
  }
  return { given, words, help, issues };
}

/** A value may be a negative number or `-`, but not the next option. */
function isValue(argument: string | undefined): argument is string {
  return argument !== undefined && !/^-[^\d]/.test(argument);
}

function unknown(page: CommandPage, argument: string, name: string): ConfigIssue {
  const meant = meantOption(page, name);
  return {
    path: argument.split('=')[0] ?? argument,
    message: `there is no such option of ${page.name}`,
    ...(meant === undefined ? {} : { suggestion: `--${meant}` }),
  };
}

function meantOption(page: CommandPage, name: string): string | undefined {
  const names = [...Object.keys(page.options), 'help'];
  const wanted = name.toLowerCase().replaceAll('_', '-');
  const begun = wanted.length < 2 ? [] : names.filter((one) => one.startsWith(wanted));
  return begun.length === 1 ? begun[0] : nearest(wanted, names);
}

function checked(
  name: string,
  option: Exclude<OptionDefinition, { readonly kind: 'switch' }>,
  value: string,
): { readonly text: string; readonly issue?: ConfigIssue } {
  const allowed = allowedText(option);
  const wrong = (message: string, suggestion?: string) => ({
    text: value,
    issue: {
      path: `--${name}`,
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
      ...(allowed === null ? {} : { allowed }),
    },
  });
  if (value === '') return wrong('a value is missing');
  switch (option.kind) {
    case 'text':
      return { text: value };
    case 'date':
      return isDate(value) ? { text: value } : wrong(`"${value}" is not a date`);
    case 'count':
      return /^\d{1,15}$/.test(value) && Number(value) <= option.most
        ? { text: value }
        : wrong(`"${value}" is not such a number`);
    case 'choice': {
      const wanted = value.toUpperCase().replaceAll('-', '_');
      const { prefix = '' } = option;
      const found = option.allowed.find((one) => [wanted, `${prefix}${wanted}`].includes(one.toUpperCase()));
      if (found !== undefined) return { text: found };
      return wrong(
        `"${value}" is not allowed`,
        nearest(wanted, option.allowed) ?? nearest(`${prefix}${wanted}`, prefix === '' ? [] : option.allowed),
      );
    }
  }
}

function isDate(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // Date.parse takes February 30 for March 2.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function wordIssues(page: CommandPage, words: readonly string[]): readonly ConfigIssue[] {
  switch (page.words) {
    case 'search':
      return [];
    case 'none':
      return words.map((word) => ({ path: word, message: `${page.name} takes options only` }));
    case 'file':
    case 'files':
      if (words.length === 0)
        return [{ path: 'FILE', message: 'is missing', allowed: 'the path of a defs.yaml, also as --config FILE' }];
      return page.words === 'files' || words.length === 1
        ? []
        : [{ path: 'FILE', message: `one file is taken, and ${words.length} are given: ${words.join(', ')}` }];
  }
}

function missing(page: CommandPage, given: ReadonlyMap<string, string>): readonly ConfigIssue[] {
  return Object.entries(page.options).flatMap(([name, option]) =>
    option.kind !== 'switch' && option.required && !given.has(name)
      ? [{ path: `--${name}`, message: `is missing: ${option.description}` }]
      : [],
  );
}

function tell(page: CommandPage, issues: readonly ConfigIssue[], asJson: boolean, io: CommandIo): void {
  const hint = `\`tiktok-ads ${page.name} --help\` explains every option.`;
  const message = `The command line has ${issueList(issues)}`;
  if (asJson) io.stdout(`${JSON.stringify({ error: describe(new ConfigError(message, { issues, hint })) })}\n`);
  else io.stderr(`${message}\n\n${usageLine(page)}\n${hint}\n`);
}
