import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkAttributes } from '../src/config/config.ts';
import { generatedFiles } from '../src/config/generated-files.ts';
import { tablesJson } from '../src/tables-json.ts';

// Writes every generated file of the repository; with --check, lists those that are stale and exits with 1.
const root = join(import.meta.dirname, '..');
const isCheck = process.argv.includes('--check');
const tables = 'python_shim/dagster_component_templates/_generated/tables.json';
// Attributes with the issues that both sides find in them: the texts are ours, the expected issues follow the rules.
const cases = 'test/fixtures/validation-cases.json';
const files = {
  ...generatedFiles(),
  [cases]: withIssues(await readFile(join(root, cases), 'utf8')),
  [tables]: `${JSON.stringify(tablesJson(), null, 2)}\n`,
};
const stale: string[] = [];
for (const [path, text] of Object.entries(files)) {
  const file = join(root, path);
  const present = await readFile(file, 'utf8').catch(() => null);
  if (present === text) continue;
  stale.push(path);
  if (isCheck) continue;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
for (const path of stale) console.log(`${isCheck ? 'stale' : 'written'}: ${path}`);
if (isCheck && stale.length > 0) {
  console.log('Run `npm run update`, and read the diff.');
  process.exitCode = 1;
}

function withIssues(text: string): string {
  // The file is ours and checked in.
  const { cases: all, ...rest } = JSON.parse(text) as { readonly cases: readonly { readonly attributes: unknown }[] };
  return `${JSON.stringify({ cases: all.map((one) => ({ ...one, issues: checkAttributes(one.attributes) })), ...rest }, null, 2)}\n`;
}
