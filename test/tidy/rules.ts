import { posix } from 'node:path';
import { codeBelow, type Import, importsOf, type Tree, withoutComments, withoutText } from './tree.ts';

/** Each rule looks at the whole tree and returns what breaks it, one sentence each, empty if nothing does. */
export type Rule = (tree: Tree) => readonly string[];

/**
 * Who may import whom inside `src`. An area is a folder, or what `special` says. `types`: only with `import type`, so that nothing of that area runs.
 */
const mayImport: Readonly<Record<string, { readonly values: readonly string[]; readonly types: readonly string[] }>> = {
  shared: { values: ['shared'], types: [] },
  pipes: { values: ['pipes'], types: [] },
  facts: { values: ['facts', 'shared'], types: [] },
  tiktok: { values: ['tiktok', 'facts', 'shared'], types: [] },
  contract: { values: ['contract', 'shared'], types: [] },
  destinations: { values: ['destinations', 'contract', 'shared'], types: [] },
  config: { values: ['config', 'facts', 'destinations', 'contract', 'shared'], types: [] },
  plan: { values: ['plan', 'facts', 'shared'], types: ['config', 'extract'] },
  extract: { values: ['extract', 'plan', 'facts', 'shared'], types: ['config', 'tiktok', 'contract'] },
  load: { values: ['load', 'contract', 'shared'], types: ['config', 'facts'] },
  checks: { values: ['checks', 'extract', 'load', 'facts', 'shared'], types: ['config', 'plan', 'program', 'contract'] },
  simulator: { values: ['simulator', 'facts', 'shared'], types: [] },
  program: { values: ['*'], types: [] },
  cli: { values: ['*'], types: [] },
  main: { values: ['*'], types: [] },
};

const special: readonly (readonly [RegExp, string])[] = [
  [/^src\/main\.ts$/, 'main'],
  [/^src\/(errors|table|clock|suggest|decimal|gate|queue)\.ts$/, 'shared'],
  // Arithmetic of dates, which needs nothing else.
  [/^src\/plan\/window\.ts$/, 'shared'],
  // The whole program, put together from the areas.
  [/^src\/[\w-]+\.ts$/, 'program'],
  // How the client behaves. All else below tiktok/ are facts of the API, as tables: the simulator may know those too.
  [/^src\/tiktok\/(client|envelope|retry|rate-limit|quota-store|pagination)\.ts$/, 'tiktok'],
  [/^src\/tiktok\//, 'facts'],
  // What every warehouse keeps, apart from any of them.
  [/^src\/destinations\/(destination|dialect)\.ts$/, 'contract'],
];

function area(path: string): string {
  return special.find(([pattern]) => pattern.test(path))?.[1] ?? path.split('/')[1] ?? '';
}

export const importDirections: Rule = (tree) =>
  sourceImports(tree).flatMap(({ from, target, typeOnly }) => {
    if (target === undefined || target === 'package.json') return [];
    if (!target.startsWith('src/')) return [`${from} imports ${target}, which is outside src`];
    const here = area(from);
    const there = area(target);
    if (there === 'main') return [`${from} imports main`];
    if (target === 'src/run.ts' && !['main', 'cli', 'program'].includes(here)) return [`${from} imports run`];
    const { values, types } = mayImport[here] ?? { values: [here, 'shared'], types: [] };
    if (values.includes('*') || values.includes(there)) return [];
    if (types.includes(there)) return typeOnly ? [] : [`${from} imports more than types from ${target}`];
    return [`${from} imports ${target}: ${here} must not know ${there}`];
  });

/** Imports of our own files name the file with its ending. */
export const importsCarryEndings: Rule = (tree) =>
  codeBelow(tree, 'src/', 'test/', 'bench/')
    .flatMap(([path, code]) => importsOf(path, code))
    .filter(({ specifier }) => specifier.startsWith('.') && !/\.(ts|mjs|json)$/.test(specifier))
    .map(({ from, specifier }) => `${from} imports ${specifier} without its ending`);

/** A warehouse's driver loads when that warehouse is used: no file that the program reads at its start imports one. */
export const driversLoadOnUse: Rule = (tree) => {
  const edges = sourceImports(tree).filter(({ typeOnly, lazy }) => !typeOnly && !lazy);
  const atStart = reachable(
    ['src/main.ts', ...[...tree.keys()].filter((path) => /^src\/destinations\/(index|[\w-]*dialect)\.ts$/.test(path))],
    edges,
  );
  const driver = /^(pg|pg-copy-streams|snowflake-sdk|@google-cloud\/.*|@aws-sdk\/.*)$/;
  return edges
    .filter(({ from, specifier }) => atStart.has(from) && driver.test(specifier))
    .map(({ from, specifier }) => `${from} imports ${specifier} when the program starts; import it on use`);
};

/** In each registry folder, every file that defines a member is named by `index.ts`. */
export const registriesComplete: Rule = (tree) =>
  [
    { folder: 'src/tiktok/resources/', member: /\bdefineResource\(/ },
    { folder: 'src/destinations/', member: /:\s*DestinationDefinition\b|satisfies DestinationDefinition\b/ },
    { folder: 'src/pipes/channels/', member: /:\s*ChannelKind\s*=|=\s*blobChannel\(/ },
  ].flatMap(({ folder, member }) => {
    const index = tree.get(`${folder}index.ts`);
    const members = codeBelow(tree, folder).filter(
      ([path, code]) =>
        !path.endsWith('/index.ts') && posix.dirname(path) === folder.slice(0, -1) && member.test(withoutComments(code)),
    );
    if (index === undefined) return members.length > 0 ? [`${folder}index.ts is missing`] : [];
    const named = importsOf(`${folder}index.ts`, index).map(({ target }) => target);
    return members.filter(([path]) => !named.includes(path)).map(([path]) => `${path} is not in ${folder}index.ts`);
  });

/** `index.ts` is for registries, and for the two parts that have users of their own. */
export const noBarrels: Rule = (tree) => {
  const allowed = /^src\/(tiktok\/resources|destinations|pipes\/channels|simulator\/endpoints|pipes|simulator)\/index\.ts$/;
  return codeBelow(tree, 'src/')
    .filter(([path]) => path.endsWith('/index.ts') && !allowed.test(path))
    .map(([path]) => `${path} is no registry`);
};

const emptyWords = ['data', 'info', 'item', 'manager', 'handler', 'helper', 'helpers', 'service', 'util', 'utils'];

export const fileNames: Rule = (tree) =>
  codeBelow(tree, 'src/', 'test/', 'bench/', 'scripts/').flatMap(([path]) => {
    const parts = path.split('/').slice(1);
    const stem = (parts.pop() ?? '').replace(/(\.(test|browser|config))?(\.d)?\.(ts|mjs|mts)$/, '');
    const kebab = [...parts, stem].every((part) => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(part) || part === 'tiktok_ads_demo');
    // TikTok's own name of an endpoint.
    const empty = stem === 'advertiser-info' ? [] : stem.split('-').filter((word) => emptyWords.includes(word));
    return [...(kebab ? [] : [`${path} is not kebab-case`]), ...empty.map((word) => `${path}: "${word}" says nothing`)];
  });

/**
 * Clock, randomness, environment and the terminal come in as arguments; `main.ts` reads them, and `host.ts` for the Pipes module on its own.
 * A lock between processes (quota-store.ts) is about process ids and the file system's times; Azure wants the time in a header.
 */
export const ambientState: Rule = (tree) => {
  const ambient: readonly (readonly [RegExp, string, readonly string[]])[] = [
    [/\bprocess\s*[.[]|\bnode:process\b/, 'process', ['src/main.ts', 'src/pipes/host.ts', 'src/tiktok/quota-store.ts']],
    [/\bconsole\s*\./, 'console', []],
    [
      /\bDate\.now\(|\bnew Date\(\s*\)|\bperformance\.now\(/,
      'the clock',
      ['src/main.ts', 'src/clock.ts', 'src/pipes/channels/azure.ts', 'src/tiktok/quota-store.ts'],
    ],
    [/\bMath\.random\(/, 'randomness', ['src/main.ts']],
  ];
  return codeBelow(tree, 'src/').flatMap(([path, code]) => {
    const bare = withoutText(code);
    const specifiers = importsOf(path, code).map(({ specifier }) => specifier);
    return ambient
      .filter(
        ([pattern, what, allowed]) =>
          !allowed.includes(path) && (pattern.test(bare) || (what === 'process' && specifiers.includes('node:process'))),
      )
      .map(([, what]) => `${path} reads ${what}`);
  });
};

/** Nothing compares with the name of a resource or a destination: a difference is a field or a capability. */
export const noBranchOnNames: Rule = (tree) => {
  const names = [...registryNames(tree, 'src/tiktok/resources/'), ...registryNames(tree, 'src/destinations/'), 'reports'];
  const literal = `['"](?:${names.join('|')})['"]`;
  const branches = [
    new RegExp(`[!=]==?\\s*${literal}`, 'g'),
    new RegExp(`${literal}\\s*[!=]==?`, 'g'),
    new RegExp(`\\bcase\\s+${literal}`, 'g'),
    new RegExp(`\\.(?:includes|startsWith|endsWith|has)\\(\\s*${literal}`, 'g'),
  ];
  return codeBelow(tree, 'src/')
    .filter(([path]) => !path.startsWith('src/simulator/'))
    .flatMap(([path, code]) =>
      branches.flatMap((branch) =>
        [...withoutComments(code).matchAll(branch)].map(([found]) => `${path} branches on a name: ${found}`),
      ),
    );
};

/** Names that registry members declare: `name: 'campaigns'`. */
function registryNames(tree: Tree, folder: string): readonly string[] {
  return codeBelow(tree, folder)
    .filter(([path]) => !path.endsWith('/index.ts') && posix.dirname(path) === folder.slice(0, -1))
    .flatMap(([, code]) => [.../^ {2}name: '([a-z_]+)'/gm[Symbol.matchAll](withoutComments(code))].map(([, name = '']) => name));
}

/** Every file of `src` is used by a program, every file of `test` by a test. */
export const everythingReachable: Rule = (tree) => {
  const isEntry = (path: string): boolean =>
    /^src\/(main|pipes\/index)\.ts$|^(scripts|bench)\/[^/]+\.(ts|mjs)$|\.(test|browser)\.ts$|^test\/types\/|^test\/pipes\/suite-program\.ts$|\.config\.ts$/.test(
      path,
    );
  const code = codeBelow(tree, 'src/', 'test/', 'bench/', 'scripts/');
  const edges = code.flatMap(([path, text]) => importsOf(path, text));
  // A test may start a program by its path instead of importing it, and a runner's configuration names what it runs.
  const tests = [...tree].filter(([path]) => /^test\/.*\.(ts|py)$|\.config\.ts$/.test(path));
  const named = (name: string): boolean =>
    tests.some(([path, text]) => !path.endsWith(`/${name}`) && new RegExp(`['"/]${name}['"]`).test(text));
  const started = code.filter(([path]) => path.startsWith('test/') && named(posix.basename(path)));
  const reached = reachable(
    [...code.filter(([path]) => isEntry(path)), ...started].map(([path]) => path),
    edges,
  );
  return code.filter(([path]) => !reached.has(path)).map(([path]) => `${path} is used by nothing`);
};

function reachable(entries: readonly string[], edges: readonly Import[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const { from, target } of edges) if (from === path && target !== undefined) waiting.push(target);
  }
  return reached;
}

/** Links between the repository's own files lead somewhere. */
export const linksLead: Rule = (tree) => {
  const files = [...tree.keys()];
  const exists = (path: string): boolean =>
    /\.(png|svg)$/.test(path) || files.some((file) => file === path || file.startsWith(`${path}/`));
  return [...tree]
    .filter(([path]) => path.endsWith('.md'))
    .flatMap(([path, text]) =>
      [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map(([, link = '']) => posix.normalize(posix.join(posix.dirname(path), link)).replace(/\/$/, ''))
        .filter((target) => !exists(target))
        .map((target) => `${path} links to ${target}, which is not there`),
    );
};

/** What must not be in any file: unfinished work, one machine's paths, package registries' hosts. */
export const noStrayText: Rule = (tree) => {
  const stray: readonly (readonly [RegExp, string])[] = [
    [
      new RegExp(`\\b(${['TO', 'FIX', 'XX', 'HA'].map((head, index) => head + ['DO', 'ME', 'X', 'CK'][index]).join('|')})\\b`),
      'unfinished work',
    ],
    [/(?<![\w.:/-])\/(work|root|home|Users)\/[\w.-]/, "one machine's path"],
    [/registry\.(npmjs|yarnpkg|npmmirror)\.|pythonhosted\.org|\bpypi\.org\/simple/, "a package registry's host"],
  ];
  return [...tree].flatMap(([path, text]) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        stray.filter(([pattern]) => pattern.test(line)).map(([, what]) => `${path}:${index + 1} holds ${what}`),
      ),
  );
};

/** Files past the lengths that conventions aim at, longest first. For judgement: nothing fails on it. */
export function longFiles(tree: Tree): readonly string[] {
  return codeBelow(tree, 'src/', 'test/')
    .map(([path, text]) => ({ path, lines: text.split('\n').length, aim: path.startsWith('src/') ? 300 : 500 }))
    .filter(({ lines, aim }) => lines > aim)
    .sort((a, b) => b.lines - a.lines)
    .map(({ path, lines, aim }) => `${path}: ${lines} lines (aim: ${aim})`);
}

function sourceImports(tree: Tree): readonly Import[] {
  return codeBelow(tree, 'src/').flatMap(([path, code]) => importsOf(path, code));
}
