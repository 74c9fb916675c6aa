import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defsYaml } from '../support/commands.ts';
import { temporaryFolder } from '../support/folders.ts';
import { executable } from '../support/program.ts';

/** Starts a command, closes the named output after its first bytes (or before them), and gives its end. */
async function cutOff(argv: readonly string[], output: 'stdout' | 'stderr', { early = false } = {}) {
  const folder = temporaryFolder('closed-output');
  writeFileSync(join(folder, 'defs.yaml'), defsYaml('advertiser_ids: "71"'));
  const child = spawn(process.execPath, [executable, ...argv], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const other = output === 'stdout' ? child.stderr : child.stdout;
  let said = '';
  other.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  if (early) child[output].destroy();
  else child[output].once('data', () => child[output].destroy());
  const [code] = await once(child, 'close');
  return { code, said };
}

describe('output that nobody reads to its end', () => {
  it.each([
    [['catalog', '--json']],
    [['plan', 'defs.yaml', '--start', '1990-01-01', '--windows', '--json']],
    [['schema']],
    [['help']],
  ])('of %j ends the command quietly', async (argv) => {
    expect(await cutOff(argv, 'stdout')).toEqual({ code: 0, said: '' });
    expect(await cutOff(argv, 'stdout', { early: true })).toEqual({ code: 0, said: '' });
  });

  it('keeps the exit code of a mistake', async () => {
    expect(await cutOff(['plan', 'missing.yaml'], 'stderr', { early: true })).toEqual({ code: 2, said: '' });
  });
});
