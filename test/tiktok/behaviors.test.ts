import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '..', '..', 'docs');
const rows = readFileSync(join(folder, 'tiktok-behaviors.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| behaviour ') && !line.startsWith('| --- '));

/** `[name](path) “title”`, as the last column has them. */
const cited = rows.flatMap((row) =>
  [...row.matchAll(/\]\((\S+)\) “([^”]+)”/g)].map(([, path = '', title = '']) => ({ path, title })),
);

test('each surprise of the API is held by a test that there is', () => {
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter((row) => !/“[^”]+” \|$/.test(row))).toEqual([]);
  const lost = cited.filter(({ path, title }) => {
    const file = join(folder, path);
    return !existsSync(file) || !readFileSync(file, 'utf8').includes(title);
  });
  expect(lost).toEqual([]);
});
