import type { CommandPage, OptionDefinition, WordsKind } from './page.ts';

const lineWidth = 100;
const wordsOf: Readonly<Record<WordsKind, string>> = { file: ' FILE', files: ' FILE...', search: ' [WORD...]', none: '' };

/** The line that shows how a command is called. */
export function usageLine(page: CommandPage): string {
  return `Usage: tiktok-ads ${page.name}${wordsOf[page.words]}${page.synopsis === '' ? '' : ` ${page.synopsis}`}`;
}

/** All about one command: how it is called, what it does, each option with default and allowed values, examples, exit codes. */
export function helpPage(page: CommandPage): string {
  const options = Object.entries(page.options).map(([name, option]) => [optionText(name, option), described(option)] as const);
  const examples = page.examples.map(({ line, does }) => `  ${line}\n${wrapped(does, 6)}`);
  return [
    usageLine(page),
    wrapped(page.about, 0),
    `Options:\n${listed([...options, ['-h, --help', 'show this']])}`,
    `Examples:\n${examples.join('\n')}`,
    `Exit codes:\n${listed(Object.entries(page.exits))}`,
    ...(page.more === undefined ? [] : [wrapped(page.more, 0)]),
  ].join('\n\n');
}

function optionText(name: string, option: OptionDefinition): string {
  if (option.kind === 'switch') return `--${name}`;
  return `--${name} ${option.kind === 'date' ? 'DATE' : option.value}`;
}

function described(option: OptionDefinition): string {
  if (option.kind === 'switch') return option.description;
  const allowed = allowedText(option);
  const parts = [
    option.description,
    ...(allowed === null ? [] : [`allowed: ${allowed}`]),
    ...(option.required ? ['required'] : []),
    ...(option.default === null ? [] : [`default: ${option.default}`]),
  ];
  return parts.join('; ');
}

/** What an option takes, in words; null if any text. */
export function allowedText(option: OptionDefinition): string | null {
  switch (option.kind) {
    case 'switch':
    case 'text':
      return null;
    case 'date':
      return 'YYYY-MM-DD';
    case 'count':
      return `a whole number from 0 to ${option.most}`;
    case 'choice':
      return option.allowed.join(', ');
  }
}

/** Names beside their descriptions, which are wrapped. */
function listed(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 4;
  return rows.map(([name, text]) => `  ${name}`.padEnd(width) + wrapped(text, width).trimStart()).join('\n');
}

function wrapped(text: string, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && indent + line.length + 1 + word.length > lineWidth) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => ' '.repeat(indent) + one).join('\n');
}
