/**
 * Every check of the project, as named suites: `node scripts/check.mjs [--only NAME,NAME] [--quick | --all]`.
 *
 * Static suites run beside each other and show their output when it matters; vitest and pytest show theirs as it comes. The browser
 * suite mostly waits, so it runs beside pytest and shows its output behind it. Where there is no Chromium and none can be installed
 * it is left out with a line that says so, unless it was asked for.
 * A static suite counts as one check. A suite that breaks counts as at least one failure. The last line is the sum of all.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from './lib/chromium.mjs';
import { cleanEnvironment, packageScript, pinnedNode, root, venvProgram } from './lib/paths.mjs';
import { run } from './lib/processes.mjs';

const reports = join(root, '.cache', 'reports');
const atOnce = 2;
const node = pinnedNode();
const ruff = venvProgram('ruff');
const ruffSettings = ['--config', 'python_shim/pyproject.toml'];
const python = ['python_shim', 'test', 'scripts'];

/** A suite without `count` passes or fails. `count` reads a test runner's report into `{ passed, failed, skipped, broken }`. */
const suites = [
  // The longest first.
  fixed('python types', [
    venvProgram('mypy'),
    '--config-file',
    'python_shim/pyproject.toml',
    'python_shim/dagster_component_templates',
    'python_shim/tiktok_ads_command.py',
  ]),
  // What vitest's tests would install one after the other is there before them, installed while others compute.
  fixed('emulators', [node, 'scripts/emulators.mjs']),
  fixed('format and lint', [
    node,
    packageScript('@biomejs', 'biome', 'bin', 'biome'),
    'ci',
    '--error-on-warnings',
    '--max-diagnostics=50',
    `--colors=${process.stdout.isTTY ? 'force' : 'off'}`,
  ]),
  fixed('types', [node, packageScript('typescript', 'bin', 'tsc'), '--noEmit', '--project', '.']),
  fixed('dead code', [node, packageScript('knip', 'bin', 'knip.js'), '--no-progress']),
  fixed('generated files', [node, 'scripts/generate.ts', '--check']),
  fixed('page tables', [node, 'scripts/page-tables.ts', '--check']),
  fixed('python format', [ruff, 'format', ...ruffSettings, '--check', '--diff', ...python]),
  fixed('python lint', [ruff, 'check', ...ruffSettings, ...python]),
  vitestSuite('vitest', []),
  {
    name: 'pytest',
    timeoutMs: 2_400_000,
    command: [
      venvProgram('python'),
      '-m',
      'pytest',
      '-c',
      'python_shim/pyproject.toml',
      '--rootdir',
      '.',
      // Each test has a folder of its own, and each worker a simulator.
      '--numprocesses=4',
      '--dist=loadgroup',
      `--junitxml=${join(reports, 'pytest.xml')}`,
      'test',
    ],
    report: join(reports, 'pytest.xml'),
    count: countPytest,
  },
  { ...vitestSuite('browser', ['--config', 'test/browser/vitest.config.ts']), beside: 'pytest', ready: findChromium },
];

const wanted = chosen(process.argv.slice(2)).filter(isReady);
mkdirSync(reports, { recursive: true });
const results = [];
await inParallel(
  wanted.filter((suite) => !suite.count),
  async (suite) => results.push(await check(suite)),
);
const runners = wanted.filter((suite) => suite.count);
const besides = runners.filter((suite) => runners.some(({ name }) => name === suite.beside));
for (const suite of runners.filter((suite) => !besides.includes(suite))) {
  const companions = besides.filter(({ beside }) => beside === suite.name).map((companion) => check(companion, { late: true }));
  results.push(await check(suite), ...(await Promise.all(companions)));
}
summarize(results);

function vitestSuite(name, args) {
  const report = join(reports, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const command = [node, packageScript('vitest', 'vitest.mjs'), 'run', ...args, ...reporters];
  return { name, command, report, timeoutMs: 2_400_000, count: countVitest };
}

function fixed(name, command) {
  return { name, command, timeoutMs: 180_000 };
}

function chosen(args) {
  const only = args.includes('--only') ? (args[args.indexOf('--only') + 1] ?? '').split(',') : undefined;
  const unknown = only?.filter((name) => !suites.some((suite) => suite.name === name)) ?? [];
  if (unknown.length > 0 || only?.length === 0) {
    console.error(`no suite is called ${unknown.join(', ')}; there are: ${suites.map((suite) => suite.name).join(', ')}`);
    process.exit(2);
  }
  if (only) return suites.filter((suite) => only.includes(suite.name));
  return args.includes('--quick') ? suites.filter(({ name }) => !['pytest', 'browser'].includes(name)) : suites;
}

/** Whether a suite has what it needs. One that was asked for is run in any case, and fails with the reason. */
function isReady(suite) {
  try {
    suite.ready?.();
    return true;
  } catch (error) {
    if (process.argv.includes('--all') || process.argv.includes('--only')) return true;
    console.log(`- ${suite.name} SKIPPED: ${error.message}`);
    return false;
  }
}

/** Runs one suite. What it says is shown as it comes if it is a test runner, at its end if `late`, else only if it fails. */
async function check(suite, { late = false } = {}) {
  if (suite.report) rmSync(suite.report, { force: true });
  const title = `\n──── ${suite.name} ────`;
  if (suite.count && !late) console.log(title);
  const started = performance.now();
  const [program, ...args] = suite.command;
  const env = cleanEnvironment({ PYTHONUNBUFFERED: '1', ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }) });
  const onLine = suite.count && !late ? (line) => console.log(line) : undefined;
  const { code, output } = await run(program, args, { cwd: root, env, timeoutMs: suite.timeoutMs, onLine });
  const seconds = (performance.now() - started) / 1000;
  if (late) console.log(`${title}\n${output}`);
  const counted = suite.count ? readReport(suite) : { passed: code === 0 ? 1 : 0, failed: 0, skipped: 0 };
  // A runner may end badly without a failed test: a file that does not load, an error outside of tests, a crash.
  const failed = code !== 0 && counted.failed === 0 ? 1 : counted.failed;
  if (!suite.count) {
    console.log(`${failed === 0 ? '✓' : '✗'} ${suite.name} (${seconds.toFixed(1)} s)`);
    if (failed > 0) console.log(`${output}\n`);
  }
  return { ...counted, failed, name: suite.name, seconds, code };
}

function readReport(suite) {
  try {
    return suite.count(readFileSync(suite.report, 'utf8'));
  } catch (error) {
    console.log(`${suite.name}: no readable report (${error.message})`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** A file that does not load has no tests in the report, only a failed file. */
function countVitest(text) {
  const report = JSON.parse(text);
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function countPytest(text) {
  const attributes = /<testsuite\s[^>]*>/.exec(text)?.[0] ?? '';
  const number = (name) => Number(new RegExp(`\\s${name}="(\\d+)"`).exec(attributes)?.[1]);
  const [tests, failures, errors, skipped] = ['tests', 'failures', 'errors', 'skipped'].map(number);
  if (Number.isNaN(tests + failures + errors + skipped)) throw new Error('no counts in it');
  const failed = failures + errors;
  return { passed: Math.max(0, tests - failed - skipped), failed, skipped };
}

function summarize(all) {
  console.log('\n──── all suites ────');
  for (const { name, passed, failed, skipped, seconds } of all) {
    const parts = [`${passed} passed`, `${failed} failed`, ...(skipped > 0 ? [`${skipped} skipped`] : [])];
    console.log(`${failed > 0 ? '✗' : '✓'} ${name.padEnd(16)} ${parts.join(', ')} (${seconds.toFixed(1)} s)`);
  }
  const sum = (field) => all.reduce((total, result) => total + result[field], 0);
  process.exitCode = sum('failed') > 0 || sum('passed') === 0 ? 1 : 0;
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
}

async function inParallel(queue, action) {
  const waiting = [...queue];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await action(next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
