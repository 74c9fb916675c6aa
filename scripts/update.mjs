/**
 * Rewrites everything that is generated and checked in, then formats: `npm run update`. The diff is reviewed as code.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment, packageScript, pinnedNode, root, venvProgram } from './lib/paths.mjs';
import { run } from './lib/processes.mjs';

const node = pinnedNode();
const tests = join(root, 'test');
/** Tests that compare with a file which they can write themselves. */
const golden = readdirSync(tests, { recursive: true })
  .filter(
    (name) => name.endsWith('.test.ts') && /MatchFileSnapshot\(|UPDATE_GOLDEN/.test(readFileSync(join(tests, name), 'utf8')),
  )
  .map((name) => join('test', name));
const steps = [
  ['component schema, rules for Python, documentation tables', [node, 'scripts/generate.ts']],
  ['tables inside pages', [node, 'scripts/page-tables.ts']],
  ['golden files', [node, packageScript('vitest', 'vitest.mjs'), 'run', '--update', '--reporter=dot', ...golden]],
  ['format', [node, packageScript('@biomejs', 'biome', 'bin', 'biome'), 'check', '--write', '.']],
  ['format of Python', [venvProgram('ruff'), 'format', '--config', 'python_shim/pyproject.toml', 'python_shim', 'test']],
];

for (const [title, [program, ...args]] of steps) {
  console.log(`update: ${title} …`);
  const { code, output } = await run(program, args, { cwd: root, env: cleanEnvironment({ UPDATE_GOLDEN: '1' }) });
  if (code === 0) continue;
  console.error(`${output}\nupdate: ${title} failed with exit code ${code}`);
  process.exitCode = 1;
}
