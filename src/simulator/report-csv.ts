import type { Section } from './report-section.ts';
import { writeRows } from './report-writer.ts';

/** Rows turned to CSV at once; a row is parsed back from its JSON. */
const rowsAtOnce = 10_000;

/** A report as CSV, with TikTok's titles for people (its default) or the fields' names. */
export function csvText(sections: readonly Section[], translated: boolean): string {
  const total = sections.reduce((sum, section) => sum + section.codes.length, 0);
  const lines: string[] = [];
  const query = sections[0]?.query;
  if (query === undefined) return '';
  const names = [...query.dimensions, ...query.metrics];
  lines.push(names.map((name) => quoted(translated ? titleOf(name) : name)).join(','));
  for (let from = 0; from < total; from += rowsAtOnce) {
    const range = { from, to: Math.min(total, from + rowsAtOnce), before: '[', after: ']', multipleAdvertisers: false };
    // The rows were written by writeRows, so their shape is known.
    const rows = JSON.parse(writeRows(sections, range).toString()) as readonly {
      dimensions: Record<string, string>;
      metrics: Record<string, string>;
    }[];
    for (const { dimensions, metrics } of rows) {
      lines.push(
        [
          ...query.dimensions.map((name) => quoted(dimensions[name] ?? '')),
          ...query.metrics.map((name) => quoted(metrics[name] ?? '')),
        ].join(','),
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

/** `ad_id` → `Ad ID`. */
function titleOf(name: string): string {
  const words = name.split('_').map((word) => (word === 'id' ? 'ID' : word));
  const text = words.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
