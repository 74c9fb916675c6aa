/**
 * Puts everything into the checkout that the project's commands need: npm packages, Node of the pinned version, the bundled
 * executable and a Python environment. Run again it looks, finds all in place and returns at once. Needs Node 20 or newer with
 * npm, and Python 3.10 or newer with pip; neither root rights nor a virtual environment. `--node-only` leaves Python out.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fingerprint } from './lib/fingerprint.mjs';
import { cleanEnvironment, main, pinnedNode, root, tools, venv, venvProgram } from './lib/paths.mjs';
import { runShown } from './lib/processes.mjs';
import { uvEnvironment } from './lib/uv.mjs';

const uvVersion = '0.13.9';
const oldestNode = 20;
const oldestPython = [3, 10];
/** What every process of Dagster and of its tests imports. */
const imported = [
  'dagster',
  'dagster.components',
  'dagster_graphql',
  'dagster_webserver',
  'pandas',
  'dagster_component_templates',
];
const windows = process.platform === 'win32';
/** Is there while npm installs: where it is left, an installation was cut off, whatever npm's own record says. */
const unfinished = join(root, '.cache', 'npm-unfinished');
/** Where the package managers keep their downloads if there is no home folder to keep them in, as for service users. */
const cachesInside = Object.fromEntries(
  ['npm_config_cache', 'PIP_CACHE_DIR', 'UV_CACHE_DIR'].map((name) => [
    name,
    join(root, '.cache', name.split('_')[0].toLowerCase()),
  ]),
);

class SetupError extends Error {}

try {
  await setUp({ nodeOnly: process.argv.includes('--node-only') });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\nsetup: ${error.message}`);
  process.exitCode = 1;
}

async function setUp({ nodeOnly }) {
  if (!homeWritable()) Object.assign(process.env, cachesInside);
  const major = Number(process.versions.node.split('.')[0]);
  if (major < oldestNode)
    throw new SetupError(`this needs Node ${oldestNode} or newer to start; found ${process.versions.node}.`);
  // One waits for the network most of the time, the other for the processor.
  const node = installNodePackages().then(bundle);
  const outcomes = await Promise.allSettled(nodeOnly ? [node] : [node, installPython()]);
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
}

function homeWritable() {
  try {
    accessSync(homedir(), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

// ---- Node ----

async function installNodePackages() {
  if (existsSync(unfinished) || !nodePackagesCurrent() || !existsSync(duckdbBinding())) {
    mkdirSync(dirname(unfinished), { recursive: true });
    writeFileSync(unfinished, '');
    await step('npm ci (npm packages, Node and DuckDB into node_modules)', () =>
      npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']),
    );
  }
  if (!existsSync(duckdbBinding())) {
    // npm leaves an optional package out without a word when its download fails, or with --omit=optional.
    throw new SetupError(
      `DuckDB's library for this platform is missing (${duckdbBinding()}). Remove node_modules and run this again; ` +
        'check that npm is not set to omit optional packages, and that your platform is Linux, macOS or Windows on x64 or arm64.',
    );
  }
  const node = join(root, 'node_modules', 'node');
  if (!existsSync(pinnedNodePath()) && existsSync(node)) {
    // With ignore-scripts=true in the user's npm configuration the package has not fetched its binary.
    await step('node (the pinned version, into node_modules/node)', () =>
      command(process.execPath, ['installArchSpecificPackage.js'], { cwd: node }),
    );
  }
  rmSync(unfinished, { force: true });
}

/** True if what npm says it installed is what the lock asks for. Packages for other platforms may be absent. */
function nodePackagesCurrent() {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const wanted = readJson(join(root, 'package-lock.json')).packages;
  const installed = readJson(installedFile).packages;
  const declared = readJson(join(root, 'package.json'));
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    if (JSON.stringify(declared[kind] ?? {}) !== JSON.stringify(wanted[''][kind] ?? {})) return false;
  }
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const found = installed[path];
    return found === undefined ? optional === true : found.version === version;
  });
}

function pinnedNodePath() {
  return join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');
}

function duckdbBinding() {
  const musl = process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;
  const platform = `${process.platform}-${process.arch}${musl ? '-musl' : ''}`;
  return join(root, 'node_modules', '@duckdb', `node-bindings-${platform}`, 'duckdb.node');
}

async function bundle() {
  const others = ['scripts/bundle.mjs', 'scripts/pipes-types.tsconfig.json', 'package-lock.json'];
  const files = sources(join(root, 'src')).concat(others.map((path) => join(root, path)));
  const wanted = fingerprint(files);
  const stamp = join(root, 'dist', '.stamp');
  if (existsSync(main) && read(stamp) === wanted) return;
  await step('bundle (src → dist/main.mjs)', () => command(pinnedNode(), [join(root, 'scripts', 'bundle.mjs'), 'dist']));
  writeFileSync(stamp, wanted);
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function npm(args) {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js')) return command(process.execPath, [script, ...args]);
  return command(windows ? 'npm.cmd' : 'npm', args, { shell: windows });
}

// ---- Python ----

async function installPython() {
  const lock = join(root, 'python_shim', 'requirements.lock');
  const project = ['pyproject.toml', 'hatch_build.py'].map((name) => join(root, 'python_shim', name));
  const besides = ['community', 'compute'].map((name) => ({
    name,
    requirements: join(root, 'test', 'dagster', `requirements-${name}.txt`),
  }));
  // A virtual environment does not survive being moved, so where it was made belongs to the stamp.
  const wanted = `${fingerprint([lock, ...besides.map(({ requirements }) => requirements), ...project.filter(existsSync)])} ${root}`;
  const stamp = join(venv, '.stamp');
  const found = read(stamp);
  if (found === wanted && existsSync(venvProgram('python'))) return;

  const python = findPython();
  const uv = await installUv(python);
  const environment = uvEnvironment(python.path);
  const inVenv = ['--python', venvProgram('python'), '--quiet'];
  const usable = (found === undefined || found.endsWith(` ${root}`)) && spawnSync(venvProgram('python'), ['-c', '']).status === 0;
  rmSync(stamp, { force: true });
  await step(`Python packages (Dagster and tools into .venv, Python ${python.version.join('.')})`, async () => {
    // `./.venv`, not `.venv`: uv reads a bare word as a Python version.
    if (!usable) await command(uv, ['venv', './.venv', '--clear', '--quiet', '--python', python.path], { env: environment });
    await command(uv, ['pip', 'sync', '--require-hashes', lock, ...inVenv], { env: environment });
    // No build isolation: the build tool is among the locked packages, so nothing unlocked is fetched.
    await command(uv, ['pip', 'install', '--no-deps', '--no-build-isolation', ...inVenv, '-e', join(root, 'python_shim')], {
      env: environment,
    });
    // Beside the environment and not in it: as installed packages they make each dg command take up to 20 s longer.
    for (const { name, requirements } of besides) {
      const beside = ['--target', join(venv, name), '--no-deps', '--require-hashes', '-r', requirements];
      await command(uv, ['pip', 'install', ...beside, ...inVenv], { env: environment });
    }
    // Python compiles what it imports for the first time; several processes that start at once would each do so.
    await command(venvProgram('python'), ['-c', `import ${imported.join(', ')}`], { env: cleanEnvironment() });
  });
  writeFileSync(stamp, wanted);
}

function findPython() {
  const names = windows
    ? ['python', 'py']
    : ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
  const ask = 'import sys; print(sys.executable); print(*sys.version_info[:3])';
  const seen = [];
  for (const name of names) {
    const { status, stdout } = spawnSync(name, ['-c', ask], { encoding: 'utf8' });
    if (status !== 0) continue;
    const [path, text] = stdout.trim().split(/\r?\n/);
    const version = text.split(' ').map(Number);
    if (version[0] > oldestPython[0] || (version[0] === oldestPython[0] && version[1] >= oldestPython[1]))
      return { path, version };
    seen.push(version.join('.'));
  }
  const found = seen.length > 0 ? `found only ${seen.join(', ')}` : 'found none';
  throw new SetupError(
    `Python ${oldestPython.join('.')} or newer is needed (${found}). On Debian or Ubuntu: apt-get install python3 python3-pip. On macOS: brew install python.`,
  );
}

/** uv from PyPI in a folder of the checkout: this needs pip only, works where system packages are locked (PEP 668) and without the venv module. */
async function installUv(python) {
  const uv = join(tools, 'bin', windows ? 'uv.exe' : 'uv');
  if (existsSync(uv) && existsSync(join(tools, `uv-${uvVersion}.dist-info`)) && runs(uv)) return uv;
  if (spawnSync(python.path, ['-m', 'pip', '--version']).status !== 0) {
    if (runs('uv')) return 'uv';
    throw new SetupError(
      `${python.path} has no pip, and there is no uv. On Debian or Ubuntu: apt-get install python3-pip. Elsewhere: ${python.path} -m ensurepip --user, or install uv.`,
    );
  }
  // A user's pip settings may say user = true or require-virtualenv = true, which contradict --target.
  const env = {
    ...process.env,
    PIP_USER: '0',
    PIP_REQUIRE_VIRTUALENV: '0',
    PIP_ROOT_USER_ACTION: 'ignore',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
  };
  await step('uv (Python installer, into .tools)', () => {
    rmSync(tools, { recursive: true, force: true });
    mkdirSync(tools);
    return command(python.path, ['-m', 'pip', 'install', '--quiet', '--target', tools, `uv==${uvVersion}`], { env });
  });
  return uv;
}

// ---- common ----

async function step(title, action) {
  console.log(`setup: ${title} …`);
  const started = performance.now();
  await action();
  console.log(`setup: ${title.split(' (')[0]} done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** Ends with this process: Ctrl-C stops the program and all it started before this one ends. */
async function command(program, args, options = {}) {
  const code = await runShown(program, args, { cwd: root, ...options });
  if (code !== 0)
    throw new SetupError(`\`${[program, ...args].join(' ')}\` failed with exit code ${code}. See above for its reason.`);
}

/** A download that was cut off may have left part of a program. */
function runs(program) {
  return spawnSync(program, ['--version']).status === 0;
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
