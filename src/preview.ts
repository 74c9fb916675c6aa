import type { SqlValue } from './destinations/destination.ts';
import type { Column } from './table.ts';

/** A preview has to fit a Pipes message together with everything else. */
const charactersMax = 6_000;
const cellMax = 40;

/** Rows as a Markdown table, in table order, less the columns that every row leaves empty. */
export function previewMarkdown(rows: readonly Readonly<Record<string, SqlValue>>[], columns: readonly Column[]): string {
  if (rows.length === 0) return '*No rows.*';
  const shown = columns
    .map((column) => column.name)
    .filter((name) => rows.some((row) => row[name] !== null && row[name] !== undefined));
  const head = [`| ${shown.join(' | ')} |`, `|${shown.map(() => ' --- |').join('')}`];
  const lines: string[] = [];
  let characters = head.join('').length;
  for (const row of rows) {
    const line = `| ${shown.map((name) => cell(row[name] ?? null)).join(' | ')} |`;
    characters += line.length + 1;
    if (characters > charactersMax && lines.length > 0) break;
    lines.push(line);
  }
  return [...head, ...lines].join('\n');
}

function cell(value: SqlValue): string {
  if (value === null) return '';
  const text = String(value).replaceAll(/\s+/g, ' ');
  // Cut before anything is escaped, and never inside a character: half of one cannot be written by other programs.
  const shown = (text.length > cellMax ? `${text.slice(0, cellMax - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : text).toWellFormed();
  return shown.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
