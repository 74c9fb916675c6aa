import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

test('The Dockerfile copies only what exists and what .dockerignore lets through', () => {
  const copies = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap((match) =>
    (match[1] ?? '').split(' ').slice(0, -1),
  );
  expect(copies.length).toBeGreaterThan(3);
  const allowed = new Set(
    read('.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : [])),
  );
  for (const path of copies.map((one) => one.replace(/^\.\//, ''))) {
    expect({ path, exists: existsSync(join(root, path)), allowed: allowed.has(path) }).toEqual({
      path,
      exists: true,
      allowed: true,
    });
  }
});

test('The image runs the Node that the project is developed on', () => {
  const { devDependencies } = JSON.parse(read('package.json')) as { readonly devDependencies: Readonly<Record<string, string>> };
  const [major] = (devDependencies['node'] ?? '').split('.');
  expect([...read('Dockerfile').matchAll(/^FROM node:(\d+)/gm)].map((match) => match[1])).toEqual([major, major]);
});
