/**
 * Bundles the executable: `node scripts/bundle.mjs OUT [PLATFORM]`.
 *
 * OUT gets `main.mjs` (the program, with its own packages inside), chunks for each warehouse driver that are read only when that
 * warehouse is used, and `pipes.mjs` (Dagster Pipes for Node, alone) with its types in `pipes-types`. DuckDB's native library cannot be bundled: it stays in
 * node_modules and is found from there. With PLATFORM (`linux-x64`, `darwin-arm64`, …) it is copied into OUT as well, which makes
 * OUT complete by itself; the Python wheel is built so.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { packageScript, root } from './lib/paths.mjs';

const [out = 'dist', platform] = process.argv.slice(2);
const target = resolve(root, out);
// Made beside it and put in place at the end, so that a run that starts meanwhile finds the old one or the new one.
const folder = `${target}.new`;

const common = {
  absWorkingDir: root,
  bundle: true,
  outdir: folder,
  platform: 'node',
  target: 'node22.19',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  sourcemap: 'linked',
  sourcesContent: false,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
  // Packages in CommonJS expect these names; the native library is found through `require`. The first line is for the shell.
  banner: {
    js: [
      '#!/usr/bin/env node',
      "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url),__filename=import.meta.filename,__dirname=import.meta.dirname;",
    ].join('\n'),
  },
  external: ['@duckdb/node-bindings-*', 'pg-native'],
};

rmSync(folder, { recursive: true, force: true });
try {
  await build({ ...common, entryPoints: { main: 'src/main.ts' }, splitting: true, chunkNames: 'chunks/[name]-[hash]' });
  // Alone, so that it can be taken elsewhere; who writes to S3 brings the SDK.
  await build({ ...common, entryPoints: { pipes: 'src/pipes/index.ts' }, external: ['@aws-sdk/*'] });
} catch {
  process.exit(1); // esbuild has said why
}
chmodSync(join(folder, 'main.mjs'), 0o755);
if (platform) copyBinding(platform);
else declarePipes();
rmSync(target, { recursive: true, force: true });
renameSync(folder, target);

/** For programs in TypeScript that import the client; a folder that is a program by itself has none to read them. */
function declarePipes() {
  const project = ['--project', join(root, 'scripts', 'pipes-types.tsconfig.json'), '--outDir', join(folder, 'pipes-types')];
  execFileSync(process.execPath, [packageScript('typescript', 'bin', 'tsc'), ...project], { stdio: 'inherit' });
}

function copyBinding(name) {
  const copy = join(folder, 'node_modules', '@duckdb', `node-bindings-${name}`);
  const installed = join(root, 'node_modules', '@duckdb', `node-bindings-${name}`);
  mkdirSync(copy, { recursive: true });
  if (existsSync(installed)) cpSync(installed, copy, { recursive: true });
  else fetchBinding(name, copy);
  if (!existsSync(join(copy, 'duckdb.node'))) throw new Error(`no DuckDB library for ${name}`);
}

/** npm installs only this machine's library; those of other platforms come as their packages. */
function fetchBinding(name, copy) {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', '@duckdb', 'node-bindings', 'package.json'), 'utf8'));
  const temporary = mkdtempSync(join(tmpdir(), 'binding-'));
  try {
    const packed = execFileSync('npm', ['pack', '--silent', `@duckdb/node-bindings-${name}@${version}`], {
      cwd: temporary,
      encoding: 'utf8',
    });
    execFileSync('tar', ['-xzf', packed.trim(), '--strip-components=1', '-C', copy], { cwd: temporary });
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
