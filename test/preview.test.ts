import { describe, expect, it } from 'vitest';
import { previewMarkdown } from '../src/preview.ts';
import type { Column } from '../src/table.ts';

const columns: readonly Column[] = [
  { name: 'id', type: 'id' },
  { name: 'name', type: 'text' },
  { name: 'empty', type: 'text' },
];

function cellOf(name: string): string {
  const [, , line = ''] = previewMarkdown([{ id: '1', name, empty: null }], columns).split('\n');
  return line.replace(/^\| 1 \| /, '').replace(/ \|$/, '');
}

describe('the preview', () => {
  it('is a Markdown table without the columns that all rows leave empty', () => {
    expect(
      previewMarkdown(
        [
          { id: '1', name: 'a', empty: null },
          { id: '2', name: null, empty: null },
        ],
        columns,
      ),
    ).toBe('| id | name |\n| --- | --- |\n| 1 | a |\n| 2 |  |');
  });

  it('says that there are no rows', () => {
    expect(previewMarkdown([], columns)).toBe('*No rows.*');
  });

  it('shows zero and false, which are not empty', () => {
    expect(previewMarkdown([{ id: 0, name: false, empty: null }], columns)).toContain('| 0 | false |');
  });

  it.each([
    ['a|b', 'a\\|b'],
    ['a\\|b', 'a\\\\\\|b'],
    ['two\nlines\r\nof text', 'two lines of text'],
    ['<img src=x>', '&lt;img src=x>'],
  ])('keeps %j inside its cell', (text, shown) => {
    expect(cellOf(text)).toBe(shown);
  });

  it('never cuts a character in two, which other programs cannot write', () => {
    for (let before = 30; before < 45; before += 1)
      expect(cellOf(`${'x'.repeat(before)}${'🎬'.repeat(10)}`).isWellFormed(), `${before}`).toBe(true);
  });

  it('never cuts an escape in two', () => {
    for (let before = 30; before < 45; before += 1) {
      const shown = cellOf(`${'x'.repeat(before)}|<|<|<|<`);
      expect(shown.replaceAll('\\|', '').replaceAll('&lt;', ''), `${before}`).toMatch(/^x+…?$/);
    }
  });

  it('stays short enough for a message however long and many the rows are', () => {
    const rows = Array.from({ length: 500 }, (_, at) => ({ id: String(at), name: 'y'.repeat(10_000), empty: null }));
    const text = previewMarkdown(rows, columns);
    expect(text.length).toBeLessThan(7_000);
    expect(text.split('\n').length).toBeGreaterThan(50);
  });
});
