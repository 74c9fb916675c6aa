/**
 * Writes the README's attribute table from the table that checks attributes; with `--check`, tells whether it is stale.
 * The full descriptions are in docs/attributes.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attributes } from '../src/config/attributes.ts';
import { defaultText } from '../src/config/attributes-page.ts';
import type { FieldDefinition } from '../src/config/field-types.ts';

const file = join(import.meta.dirname, '..', 'README.md');
const marks = ['<!-- attributes:begin -->', '<!-- attributes:end -->'] as const;

const present = readFileSync(file, 'utf8');
const start = present.indexOf(marks[0]);
const end = present.indexOf(marks[1]);
if (start < 0 || end < start) throw new Error(`README.md lacks ${marks.join(' … ')}`);
const wanted = `${present.slice(0, start + marks[0].length)}\n${table()}\n${present.slice(end)}`;

if (present !== wanted && process.argv.includes('--check')) {
  console.log("stale: README.md's attribute table\nRun `npm run update`, and read the diff.");
  process.exitCode = 1;
} else if (present !== wanted) {
  writeFileSync(file, wanted);
  console.log('written: README.md');
}

function table(): string {
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
