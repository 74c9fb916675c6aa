/**
 * Writes the generated tables inside hand-written pages: the README's attributes (docs/attributes.md has the full descriptions) and each
 * destination's options. With `--check`, tells which are stale.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { attributes } from '../src/config/attributes.ts';
import { defaultText } from '../src/config/attributes-page.ts';
import type { FieldDefinition } from '../src/config/field-types.ts';
import type { DestinationDefinition } from '../src/destinations/destination.ts';
import { destinations } from '../src/destinations/index.ts';

interface PageTable {
  readonly page: string;
  /** Stands in the page as `<!-- NAME:begin -->` and `<!-- NAME:end -->`. */
  readonly name: string;
  readonly table: string;
}

const tables: readonly PageTable[] = [
  { page: 'README.md', name: 'attributes', table: attributesTable() },
  ...destinations.map((destination) => ({
    page: `docs/destinations/${destination.name}.md`,
    name: 'options',
    table: optionsTable(destination),
  })),
];
const isCheck = process.argv.includes('--check');
for (const { page, name, table } of tables) {
  const file = join(import.meta.dirname, '..', page);
  const present = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [start, stop] = [present.indexOf(begin), present.indexOf(end)];
  if (start < 0 || stop < start) {
    console.log(
      `${present === '' ? `there is no ${page}: write it, with` : `${page} lacks`} the lines ${begin} and ${end} where the table of ${name} shall stand`,
    );
    process.exitCode = 1;
    continue;
  }
  const wanted = `${present.slice(0, start + begin.length)}\n${table}\n${present.slice(stop)}`;
  if (present === wanted) continue;
  console.log(`${isCheck ? 'stale' : 'written'}: the table of ${name} in ${page}`);
  if (isCheck) process.exitCode = 1;
  else writeFileSync(file, wanted);
}
if (isCheck && process.exitCode === 1) console.log('Run `npm run update`, and read the diff.');

function attributesTable(): string {
  const rows = Object.entries<FieldDefinition>(attributes).map(
    ([name, definition]) => `| \`${name}\` | ${defaultText(definition)} | ${short(definition.description)} |`,
  );
  return ['', '| attribute | default | meaning |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

/** A description that goes through an attribute's words (`live: …. sandbox: …`) stays whole. */
function short(text: string): string {
  const first = /^[a-z]/.test(text) ? text : (/^.*?\.(?= [A-Z`]|$)/.exec(text)?.[0] ?? text);
  return first.replaceAll('|', '\\|');
}

/** What JSON Schema says of an option, as far as a reader wants it. */
interface OptionSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
}

function optionsTable({ name: destination, options }: DestinationDefinition): string {
  const schema = z.toJSONSchema(options, { io: 'input' });
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties ?? {})
    .filter(([name]) => name !== 'dataset')
    .map(([name, property]) => {
      const { description, default: standard, enum: words } = property as OptionSchema; // A property of an object's schema.
      if (description === undefined) throw new Error(`option ${name} of ${destination} has no description`);
      const fallback = required.has(name) ? 'required' : standard === undefined ? '–' : `\`${String(standard)}\``;
      const choice = words === undefined ? '' : ` One of ${words.map((word) => `\`${word}\``).join(', ')}.`;
      return `| \`${name}\` | ${fallback} | ${`${description}${choice}`.replaceAll('|', '\\|')} |`;
    });
  return ['', '| option | default | meaning |', '| --- | --- | --- |', ...rows, ''].join('\n');
}
