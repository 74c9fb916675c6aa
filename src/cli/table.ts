export interface TableColumn {
  readonly title: string;
  /** Numbers read better on the right. */
  readonly align?: 'left' | 'right';
}

export interface TableOptions {
  /** Widest line, in characters: the last column is cut to fit, or goes below its row. Unlimited if left out. */
  readonly widthMax?: number;
  /** Marks the line of titles. */
  readonly title?: (text: string) => string;
}

const gap = '  ';
const indent = '    ';
const lastWidthMin = 24;

/** Lines of an aligned table, without a trailing newline. Cells are plain text; wide characters count as two. */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const widths = columns.map((column, index) => Math.max(width(column.title), ...rows.map((row) => width(row[index] ?? ''))));
  const last = columns.length - 1;
  const before = widths.slice(0, last).reduce((sum, columnWidth) => sum + columnWidth + gap.length, 0);
  const widthMax = options.widthMax ?? Infinity;
  // Where little room is left for the last column, it goes below its row.
  const isBelow = widthMax - before < lastWidthMin;
  const aligned = (cells: readonly string[]) =>
    columns
      .map((column, index) => {
        const cell = cells[index] ?? '';
        if (index === last && column.align !== 'right') return isBelow ? '' : cut(cell, widthMax - before);
        const padding = ' '.repeat(Math.max((widths[index] ?? 0) - width(cell), 0));
        return column.align === 'right' ? padding + cell : cell + padding;
      })
      .join(gap)
      .trimEnd();
  const line = (cells: readonly string[]) => {
    const below = isBelow ? cut(cells[last] ?? '', widthMax - indent.length) : '';
    return below === '' ? aligned(cells) : `${aligned(cells)}\n${indent}${below}`;
  };
  const title = options.title ?? ((text: string) => text);
  return [title(aligned(columns.map((column) => column.title))), ...rows.map(line)].join('\n');
}

function cut(text: string, most: number): string {
  if (width(text) <= most) return text;
  let kept = '';
  for (const character of text) {
    if (width(kept) + width(character) > most - 1) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

function width(text: string): number {
  let sum = 0;
  for (const character of text)
    sum += /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\u{1F300}-\u{1FAFF}]/u.test(character)
      ? 2
      : 1;
  return sum;
}
