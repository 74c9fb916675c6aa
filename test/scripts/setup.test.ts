import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';

const checkout = join(import.meta.dirname, '..', '..');
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/**
 * Stands for npm: writes the record of a whole installation, notes its own process id and that of a process it starts, and then hangs
 * or ends. Like npm's install scripts, what it starts is in its group.
 */
const fakeNpm = `
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
mkdirSync('node_modules', { recursive: true });
writeFileSync('node_modules/.package-lock.json', '{"packages": {}}');
const hangs = process.env.FAKE_NPM === 'hangs';
const child = hangs ? spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']) : undefined;
appendFileSync('calls', [process.pid, child?.pid ?? 0].join(' ') + '\\n');
if (hangs) setTimeout(() => {}, 60_000);
`;

/** A checkout that holds the scripts and locks nothing. */
function emptyCheckout(): string {
  const folder = temporaryFolder('setup');
  cpSync(join(checkout, 'scripts'), join(folder, 'scripts'), { recursive: true });
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, 'package-lock.json'), '{"packages": {"": {}}}');
  writeFileSync(join(folder, 'fake-npm.js'), fakeNpm);
  return folder;
}

/** With `inShell` a shell stands between, as in a script that npm runs. */
function setUp(
  folder: string,
  npm: 'hangs' | 'ends',
  inShell = false,
): { readonly child: ChildProcess; readonly said: () => string } {
  const env = { ...process.env, npm_execpath: join(folder, 'fake-npm.js'), FAKE_NPM: npm };
  const args = ['scripts/setup.mjs', '--node-only'];
  const child = inShell
    ? spawn('sh', ['-c', '"$0" "$@"; true', process.execPath, ...args], {
        cwd: folder,
        env: { ...env, npm_lifecycle_event: 'setup' },
        stdio: 'ignore',
      })
    : spawn(process.execPath, args, { cwd: folder, env, stdio: 'pipe' });
  started.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (said += String(text)));
  return { child, said: () => said };
}

const calls = (folder: string): readonly number[][] =>
  existsSync(join(folder, 'calls'))
    ? readFileSync(join(folder, 'calls'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(' ').map(Number))
    : [];

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('npm run setup, with a stand-in for npm', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'ends npm and all it started at once on %s, and installs again next time',
    async (signal) => {
      const folder = emptyCheckout();
      const { child, said } = setUp(folder, 'hangs');
      while (calls(folder).length === 0 && child.exitCode === null) await delay(20);
      expect(said()).toContain('npm ci');
      const pids = calls(folder)[0] ?? [];
      expect(pids.every(isAlive)).toBe(true);
      const begun = performance.now();
      child.kill(signal);
      const [code] = await once(child, 'close');
      expect(code).toBe(130);
      expect(performance.now() - begun).toBeLessThan(3_000);
      expect(pids.filter(isAlive)).toEqual([]);
      expect(said()).not.toContain('failed');
      // The record of npm says that all is installed; it is not believed.
      await once(setUp(folder, 'ends').child, 'close');
      expect(calls(folder)).toHaveLength(2);
    },
  );

  it('ends npm too where only the shell in which npm runs the script was ended', async () => {
    const folder = emptyCheckout();
    const { child } = setUp(folder, 'hangs', true);
    while (calls(folder).length === 0 && child.exitCode === null) await delay(20);
    const pids = calls(folder)[0] ?? [];
    child.kill('SIGTERM');
    for (const end = performance.now() + 5_000; pids.some(isAlive) && performance.now() < end; ) await delay(50);
    expect(pids).toHaveLength(2);
    expect(pids.filter(isAlive)).toEqual([]);
  });
});
