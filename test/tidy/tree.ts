import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Files by their path below the repository's root, with `/` between folders. */
export type Tree = ReadonlyMap<string, string>;

export interface Import {
  readonly from: string;
  /** As written: `./window.ts`, `zod`. */
  readonly specifier: string;
  /** The file it means, for a relative one. */
  readonly target: string | undefined;
  /** Only types are taken: nothing of the other file runs. */
  readonly typeOnly: boolean;
  /** By `import()`: the other file runs when this one asks for it. */
  readonly lazy: boolean;
}

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const notOurs =
  /^(node_modules|dist|dist\.new|build|coverage|\.git|\.tools|\.venvs?|\.demo|\.cache|\.tmp.*|__pycache__|\..*_cache|.*\.egg-info|_js)$/;
const text = /(\.(ts|mjs|js|json|ya?ml|md|py|toml|lock|sql|sh|txt|cfg)|\/run|^[A-Z]+|\.npmrc|\.gitignore|Dockerfile)$/;

/** Every text file of the repository that is written by people or checked in. */
export function readTree(): Tree {
  const files = new Map<string, string>();
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !notOurs.test(entry.name)) walk(path);
      const name = relative(root, path).split(sep).join('/');
      if (entry.isFile() && text.test(name)) files.set(name, readFileSync(path, 'utf8'));
    }
  };
  walk(root);
  return files;
}

/** Only TypeScript and JavaScript, below one of these folders (`src/`, `src/pipes/`). */
export function codeBelow(tree: Tree, ...folders: readonly string[]): readonly (readonly [string, string])[] {
  return [...tree].filter(([path]) => /\.(ts|mjs)$/.test(path) && folders.some((folder) => path.startsWith(folder)));
}

const statement = /^\s*(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?(['"])([^'"]+)\3/gm;
const dynamic = /\bimport\(\s*(['"])([^'"]+)\1/g;

/** The imports and re-exports of one file, `import()` included. */
export function importsOf(path: string, code: string): readonly Import[] {
  const bare = withoutComments(code);
  const make = (specifier: string, typeOnly: boolean, lazy = false): Import => {
    const target = specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), specifier)) : undefined;
    return { from: path, specifier, target, typeOnly, lazy };
  };
  const found: Import[] = [];
  for (const [, type, names, , specifier = ''] of bare.matchAll(statement)) {
    const inBraces = /^\{(.*)\}$/s
      .exec(names?.trim() ?? '')?.[1]
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean);
    found.push(make(specifier, type !== undefined || inBraces?.every((name) => name.startsWith('type ')) === true));
  }
  for (const [, , specifier = ''] of bare.matchAll(dynamic)) found.push(make(specifier, false, true));
  return found;
}

/** The code with comments blanked out; strings stay, also those that hold `//`. Line numbers stay right. */
export function withoutComments(code: string): string {
  const tokens = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  return code.replace(tokens, (token) =>
    token.startsWith('//') || token.startsWith('/*') ? token.replace(/[^\n]/g, ' ') : token,
  );
}

/** The code with comments and the contents of strings blanked out. */
export function withoutText(code: string): string {
  const strings = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  return withoutComments(code).replace(strings, (token) => `${token[0]}${token.slice(1, -1).replace(/[^\n$]/g, ' ')}${token[0]}`);
}
