import { describe, expect, test } from 'vitest';
import * as rules from './tidy/rules.ts';
import { importsOf, readTree, type Tree, withoutComments, withoutText } from './tidy/tree.ts';

const { longFiles, ...each } = rules;
const tree = readTree();

describe('the repository keeps its own rules', () => {
  test('the tree is the real one', () => {
    expect([...tree.keys()]).toEqual(expect.arrayContaining(['package.json', 'src/main.ts', 'python_shim/pyproject.toml']));
  });

  test.each(Object.entries(each))('%s', (_, rule) => {
    expect(rule(tree)).toEqual([]);
  });

  test('long files are listed for judgement', ({ annotate }) => {
    const long = longFiles(tree);
    expect(long.every((line) => /\d+ lines/.test(line))).toBe(true);
    return Promise.all(long.map((line) => annotate(line)));
  });
});

/** Each rule on a small tree that breaks it, beside one that keeps it. */
describe('each rule can fail', () => {
  const cases: readonly (readonly [keyof typeof each, string, Readonly<Record<string, string>>, readonly string[]])[] = [
    [
      'importDirections',
      'pipes must know nothing else',
      { 'src/pipes/context.ts': "import { x } from '../table.ts';" },
      ['pipes must not know shared'],
    ],
    [
      'importDirections',
      'source and destination meet only in table.ts',
      { 'src/tiktok/client.ts': "import type { S } from '../destinations/destination.ts';" },
      ['tiktok must not know contract'],
    ],
    [
      'importDirections',
      'plan takes types alone',
      { 'src/plan/plan.ts': "import { parse } from '../config/config.ts';" },
      ['more than types'],
    ],
    [
      'importDirections',
      'plan may take types',
      { 'src/plan/plan.ts': "import type { C } from '../config/config.ts';\nimport { type L } from '../extract/rows.ts';" },
      [],
    ],
    [
      'importDirections',
      'a type beside a value is a value',
      { 'src/load/load.ts': "import { type A, b } from '../config/config.ts';" },
      ['more than types'],
    ],
    ['importDirections', 'nobody imports run', { 'src/config/config.ts': "import { run } from '../run.ts';" }, ['imports run']],
    [
      'importDirections',
      'the simulator does not borrow from the client',
      { 'src/simulator/server.ts': "import { parse } from '../tiktok/envelope.ts';" },
      ['simulator must not know tiktok'],
    ],
    [
      'importDirections',
      'the simulator may know the catalogue',
      { 'src/simulator/server.ts': "import { metrics } from '../tiktok/metrics.ts';" },
      [],
    ],
    [
      'importDirections',
      'an import over several lines counts',
      { 'src/pipes/a.ts': "import {\n  x,\n  y,\n} from '../errors.ts';" },
      ['pipes must not know shared'],
    ],
    [
      'importDirections',
      'import() counts',
      { 'src/tiktok/a.ts': "const x = await import('../load/load.ts');" },
      ['facts must not know load'],
    ],
    ['importsCarryEndings', 'an ending is missing', { 'src/a.ts': "import { b } from './b';" }, ['without its ending']],
    [
      'driversLoadOnUse',
      'a driver at the top',
      { 'src/main.ts': "import './p.ts';", 'src/p.ts': "import pg from 'pg';" },
      ['imports pg'],
    ],
    [
      'driversLoadOnUse',
      'its types, and import() inside',
      { 'src/main.ts': "import type pg from 'pg';\nasync () => import('./p.ts');", 'src/p.ts': "import pg from 'pg';" },
      [],
    ],
    [
      'registriesComplete',
      'a resource outside the registry',
      { 'src/tiktok/resources/ads.ts': 'export const ads = defineResource({});', 'src/tiktok/resources/index.ts': '' },
      ['ads.ts is not in'],
    ],
    [
      'registriesComplete',
      'a resource in it',
      {
        'src/tiktok/resources/ads.ts': 'export const ads = defineResource({});',
        'src/tiktok/resources/index.ts': "import { ads } from './ads.ts';",
      },
      [],
    ],
    ['noBarrels', 'a barrel', { 'src/plan/index.ts': '' }, ['no registry']],
    ['fileNames', 'camel case', { 'src/plan/planTasks.ts': '' }, ['not kebab-case']],
    ['fileNames', 'a word that says nothing', { 'src/load/load-helper.ts': '' }, ['"helper" says nothing']],
    ['ambientState', 'the environment', { 'src/run.ts': 'const home = process.env.HOME;' }, ['reads process']],
    ['ambientState', 'process by its module', { 'src/run.ts': "import { env } from 'node:process';" }, ['reads process']],
    ['ambientState', 'the clock', { 'src/plan/window.ts': 'const today = new Date();' }, ['reads the clock']],
    ['ambientState', 'randomness', { 'src/tiktok/retry.ts': 'const jitter = Math.random();' }, ['reads randomness']],
    ['ambientState', 'a date from a text, and a comment', { 'src/plan/window.ts': '// not Date.now()\nnew Date(text);' }, []],
    [
      'noBranchOnNames',
      'a comparison',
      { 'src/destinations/duckdb.ts': "x = {\n  name: 'duckdb',\n", 'src/load/load.ts': "if (destination.name === 'duckdb') {}" },
      ["=== 'duckdb'"],
    ],
    [
      'noBranchOnNames',
      'a case',
      { 'src/tiktok/resources/ads.ts': "x({\n  name: 'ads',\n", 'src/plan/plan.ts': "switch (r.name) { case 'ads': }" },
      ["case 'ads'"],
    ],
    ['noBranchOnNames', 'a membership', { 'src/plan/plan.ts': "if (names.includes('reports')) {}" }, ["includes('reports'"]],
    [
      'everythingReachable',
      'an orphan',
      { 'src/main.ts': "import './run.ts';", 'src/run.ts': '', 'src/left-over.ts': '' },
      ['src/left-over.ts is used by nothing'],
    ],
    ['linksLead', 'a dead link', { 'docs/a.md': '[b](b.md)' }, ['docs/a.md links to docs/b.md']],
    ['linksLead', 'a link to a folder', { 'docs/a.md': '[c](../c/)', 'c/d.md': '' }, []],
    ['noStrayText', 'unfinished work', { 'docs/x.md': `one\n${'TO'}${'DO'}: two` }, ['docs/x.md:2 holds unfinished work']],
    ['noStrayText', "one machine's path", { 'docs/x.md': `see ${'/ro'}ot/.npmrc` }, ["one machine's path"]],
    [
      'noStrayText',
      'a registry',
      { 'package-lock.json': `"https://registry.${'npmjs'}.org/zod"` },
      ["a package registry's host"],
    ],
  ];

  test.each(cases)('%s: %s', (name, _, files, expected) => {
    const found = each[name](new Map(Object.entries(files)) satisfies Tree);
    expect(found).toEqual(expected.map((part) => expect.stringContaining(part)));
  });

  test('every rule has a case that breaks it', () => {
    const broken = new Set(cases.filter(([, , , expected]) => expected.length > 0).map(([name]) => name));
    expect([...broken].sort()).toEqual(Object.keys(each).sort());
  });
});

describe('the reader of code', () => {
  test('comments go and strings stay', () => {
    expect(withoutComments("a; // b 'c\nconst u = 'http://x'; /* d\ne */ f")).toBe(
      `a; ${' '.repeat(7)}\nconst u = 'http://x'; ${' '.repeat(4)}\n${' '.repeat(4)} f`,
    );
  });

  test('strings can be emptied too', () => {
    expect(withoutText("say('process.exit')")).toBe(`say('${' '.repeat(12)}')`);
  });

  test('re-exports and side effects are imports', () => {
    const found = importsOf('src/a/b.ts', "export * from '../c.ts';\nimport './d.ts';\nexport type { E } from './e.ts';");
    expect(found.map(({ target, typeOnly }) => [target, typeOnly])).toEqual([
      ['src/c.ts', false],
      ['src/a/d.ts', false],
      ['src/a/e.ts', true],
    ]);
  });
});
