/**
 * Puts the emulators of warehouses that the tests run against into `.venvs/<name>`, one environment each since their pins
 * conflict. With all in place it returns at once. `node scripts/emulators.mjs [NAME…]`, or `installEmulator` from a test.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprint } from './lib/fingerprint.mjs';
import { takeLock } from './lib/lock.mjs';
import { root, tools, venvProgram } from './lib/paths.mjs';
import { uvEnvironment } from './lib/uv.mjs';

export const emulatorNames = ['snowflake', 'bigquery', 's3'];
const windows = process.platform === 'win32';

/** The Python that has this emulator installed. */
export function emulatorPython(name) {
  return windows ? join(folder(name), 'Scripts', 'python.exe') : join(folder(name), 'bin', 'python');
}

/** Where an emulator may keep what belongs to its user. */
export function emulatorHome(name) {
  return join(folder(name), 'home');
}

/** Installs what is pinned, by hash. A second process that asks meanwhile waits for the first. */
export async function installEmulator(name) {
  if (isInstalled(name)) return;
  const release = await takeLock(join(root, '.venvs', `.${name}.lock`), () => undefined);
  try {
    if (!isInstalled(name)) install(name);
  } finally {
    release();
  }
}

function install(name) {
  rmSync(stamp(name), { force: true });
  const uv = join(tools, 'bin', windows ? 'uv.exe' : 'uv');
  const run = (program, args) =>
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, HOME: emulatorHome(name) } });
  const uvOrPath = existsSync(uv) ? uv : 'uv';
  const env = uvEnvironment(venvProgram('python'));
  const quiet = (...args) => execFileSync(uvOrPath, [...args, '--quiet'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  quiet('venv', folder(name), '--clear', '--python', venvProgram('python'));
  mkdirSync(emulatorHome(name), { recursive: true });
  quiet('pip', 'sync', '--require-hashes', '--python', emulatorPython(name), requirements(name));
  // The emulator of BigQuery does not start without this extension of DuckDB, which its package carries.
  if (name === 'bigquery') {
    run(emulatorPython(name), ['-c', "from duckdb_extensions import import_extension; import_extension('spatial')"]);
  }
  writeFileSync(stamp(name), wanted(name));
}

function isInstalled(name) {
  return existsSync(stamp(name)) && readFileSync(stamp(name), 'utf8') === wanted(name);
}

function wanted(name) {
  return fingerprint([requirements(name)]);
}

function requirements(name) {
  return join(root, 'test', 'destinations', 'servers', `requirements-${name}.txt`);
}

function stamp(name) {
  return join(folder(name), '.stamp');
}

function folder(name) {
  return join(root, '.venvs', name);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const asked = process.argv.slice(2);
  for (const name of asked.length > 0 ? asked : emulatorNames) {
    const startedAt = Date.now();
    await installEmulator(name);
    console.log(`${name}: ready (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
  }
}
