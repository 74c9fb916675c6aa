import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where things lie in the checkout. Plain JavaScript: these files run on the machine's own Node before anything is installed. */
const windows = process.platform === 'win32';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const venv = join(root, '.venv');
export const tools = join(root, '.tools');
export const main = join(root, 'dist', 'main.mjs');

/** The Node that package.json pins, where it is installed; else the one that runs this. */
export function pinnedNode() {
  const path = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');
  return existsSync(path) ? path : process.execPath;
}

/** A program of the virtual environment, by full path, so that no other of that name is taken. */
export function venvProgram(name) {
  return windows ? join(venv, 'Scripts', `${name}.exe`) : join(venv, 'bin', name);
}

/** The script of an npm package that stands behind its command, to be run with `pinnedNode()`. */
export function packageScript(...parts) {
  return join(root, 'node_modules', ...parts);
}

/** With PYTHONDONTWRITEBYTECODE, as images have it to stay small, each process compiles all of Dagster anew, for five seconds or more. */
const unwanted = /^(TIKTOK_|DAGSTER_HOME$|DAGSTER_PIPES_|PYTHONPATH$|PYTHONHOME$|PYTHONDONTWRITEBYTECODE$|FORCE_COLOR$)/;

/**
 * The environment for programs that the scripts start: the pinned Node and the virtual environment come first, and nothing that
 * the caller's shell says about other Dagster instances or other executables gets in.
 */
export function cleanEnvironment(extra = {}) {
  const path = [dirname(venvProgram('python')), dirname(pinnedNode()), process.env.PATH ?? ''].join(delimiter);
  const environment = { ...process.env, PATH: path, VIRTUAL_ENV: venv, DAGSTER_DISABLE_TELEMETRY: 'yes' };
  for (const name of Object.keys(environment)) {
    if (unwanted.test(name)) delete environment[name];
  }
  // Where processes share TikTok's quota, and where pages wait to be loaded: inside the checkout, not in the user's folders.
  environment.TIKTOK_ADS_TEMP_DIR = join(root, '.cache', 'temporary');
  environment.TIKTOK_ADS_STATE_DIR = join(root, '.cache', 'state');
  return { ...environment, ...extra };
}
