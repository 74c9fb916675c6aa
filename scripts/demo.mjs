/**
 * `npm run demo`: TikTok Ads into DuckDB through real Dagster, without an account. Starts the API simulator on a free loopback
 * port, makes an ordinary dg project in `.demo/` with the basic example as its only definition, materializes it with `dg launch`,
 * and shows what was loaded. `npm run demo:ui` (`--ui`) opens Dagster's user interface on the same project until Ctrl-C.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { takeLock } from './lib/lock.mjs';
import { cleanEnvironment, main, pinnedNode, root, venvProgram } from './lib/paths.mjs';
import { onInterrupt, run, start, stop } from './lib/processes.mjs';

const home = join(root, '.demo');
const project = join(home, 'project');
const warehouse = join(project, 'tiktok_ads_warehouse.duckdb');
const example = join(root, 'defs_examples', 'basic.yaml');
const log = join(home, 'last-run.log');
const asset = 'tiktok_ads_data';
const waitMs = 120_000;

class DemoError extends Error {}

const ui = process.argv.includes('--ui');
const running = [];
onInterrupt(async () => {
  console.log('\nStopping …');
  await stopAll();
  if (ui) process.exit(0); // there is no other way to end it
});
try {
  await demo();
} catch (error) {
  if (!(error instanceof DemoError)) throw error;
  console.error(`\ndemo: ${error.message}`);
  process.exitCode = 1;
} finally {
  await stopAll();
}

async function demo() {
  // Two first runs at once would both make Dagster's tables, which fails for one of them.
  const release = await takeLock(join(home, '.lock'), () =>
    console.log('Another demo runs in this folder; this one waits for it …'),
  );
  makeProject();
  const url = await startSimulator(ui ? [] : ['--frozen']);
  console.log(`The TikTok Ads API simulator answers at ${url}`);
  const env = cleanEnvironment({
    DAGSTER_HOME: join(home, 'dagster_home'),
    PYTHONPATH: join(project, 'src'),
    PYTHONWARNINGS: 'ignore',
    TIKTOK_ACCESS_TOKEN: 'simulated-access-token',
    TIKTOK_ADS_API_BASE_URL: url,
    TIKTOK_ADS_EXECUTABLE: main,
  });
  if (ui) await openInterface(env, release);
  else await materialize(env, url);
}

/** A dg project as a user has it; what was loaded before stays. */
function makeProject() {
  const template = join(root, 'scripts', 'demo');
  cpSync(join(template, 'project'), project, { recursive: true });
  cpSync(join(template, 'dagster_home'), join(home, 'dagster_home'), { recursive: true });
  const folder = join(project, 'src', 'tiktok_ads_demo', 'defs', 'tiktok_ads');
  mkdirSync(folder, { recursive: true });
  cpSync(example, join(folder, 'defs.yaml'));
}

/** The accounts that the example names. */
function advertiserIds() {
  const ids = /^ *advertiser_ids: "([\d,]+)"/m.exec(readFileSync(example, 'utf8'))?.[1];
  if (!ids) throw new DemoError(`${relative(root, example)} names no accounts`);
  return ids;
}

async function startSimulator(options) {
  let found;
  const address = new Promise((resolve) => {
    found = resolve;
  });
  const said = [];
  const simulator = start(pinnedNode(), [main, 'simulate', '--advertisers', advertiserIds(), ...options], {
    cwd: home,
    env: cleanEnvironment(),
    onLine: (line) => {
      said.push(line);
      const url = /http:\/\/127\.0\.0\.1:\d+[\w./-]*/.exec(line)?.[0];
      if (url) found(url);
    },
  });
  running.push(simulator);
  const url = await Promise.race([address, simulator.ended.then(() => undefined), delay(waitMs, undefined, { ref: false })]);
  if (!url) throw new DemoError(`the simulator did not start:\n${said.join('\n')}`);
  return url;
}

async function materialize(env, url) {
  console.log(`Materializing ${relative(root, example)} with Dagster (dg launch --assets ${asset}) …\n`);
  const started = performance.now();
  const { code, output } = await run(venvProgram('dg'), ['launch', '--assets', asset], {
    cwd: project,
    env,
    timeoutMs: 300_000,
    onLine: (line) => showLine(line),
  });
  writeFileSync(log, output);
  if (code !== 0)
    throw new DemoError(
      `Dagster did not finish the run (exit code ${code}): ${reason(output)}\nIts whole log: ${relative(root, log)}`,
    );
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (!existsSync(warehouse)) throw new DemoError(`the run left no ${relative(root, warehouse)}`);
  const { newestReports, showWarehouse } = await import('./lib/warehouse.mjs');
  await showWarehouse(warehouse, asset);
  await compareWithTruth(await newestReports(warehouse, asset), url);
  console.log(`
Loaded in ${seconds} s, most of it Dagster starting. The tables are in ${relative(root, warehouse)}, schema ${asset}.

Next:
  npm run demo:ui                    Dagster's user interface on this project
  npm test                           every check of the project
  ${relative(root, example).padEnd(33)}  the ten lines of YAML that did this`);
}

/** What Dagster says of the failure, without the stack; else its last lines. */
function reason(output) {
  return /Failure: ([\s\S]*?)\n\s*\n/.exec(output)?.[1] ?? `\n${output.split('\n').slice(-30).join('\n')}`;
}

/** The simulator knows what really happened in its world; what was loaded must be that, to the cent. */
async function compareWithTruth(loaded, url) {
  if (loaded.length === 0) throw new DemoError('the run loaded no reports');
  for (const { advertiserId, start, end, rows, ...sums } of loaded) {
    const body = JSON.stringify({ advertiserId, start, end });
    const response = await fetch(new URL('/_control/truth', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const truth = await response.json();
    const differing = Object.entries({ rows, ...sums }).filter(([name, value]) => Number(truth[name]) !== Number(value));
    if (differing.length > 0 || !response.ok) {
      const list = differing.map(([name, value]) => `${name} ${value} instead of ${truth[name]}`).join(', ');
      throw new DemoError(`account ${advertiserId} from ${start} to ${end}: ${list || response.status}`);
    }
  }
  const accounts = loaded.map(({ advertiserId }) => advertiserId).join(' and ');
  console.log(`\nRows, spend, impressions and clicks of accounts ${accounts} equal what the simulator really delivered.`);
}

/** Of Dagster's log, the lines that say what happened: the step's events, the program's own messages, the checks. */
function showLine(line) {
  const [, level = '', rest = ''] = / - dagster - (\w+) - (?:\w+ - )?[0-9a-f-]{36} - (.*)$/.exec(line) ?? [];
  const event = /(STEP_START|ASSET_MATERIALIZATION|ASSET_CHECK_EVALUATION|STEP_SUCCESS|STEP_FAILURE) - (.*)$/.exec(rest)?.[2];
  const own = level === 'DEBUG' || / [A-Z]+(_[A-Z]+)+ - /.test(rest) ? undefined : rest.replace(/^\w+ - /, '');
  if (event) console.log(`  dagster    ${event}`);
  else if (own) console.log(`  tiktok-ads ${level === 'INFO' ? '' : `${level}: `}${own}`);
}

async function openInterface(env, started) {
  const port = await freePort(3000);
  const url = `http://127.0.0.1:${port}`;
  console.log('Starting Dagster (about 20 s) …');
  const lines = [];
  const dagster = start(venvProgram('dg'), ['dev', '--host', '127.0.0.1', '--port', String(port)], {
    cwd: project,
    env,
    onLine: (line) => lines.push(line),
  });
  running.push(dagster);
  const ended = dagster.ended.then((code) => ({ code }));
  if ((await Promise.race([answers(`${url}/server_info`), ended])) !== true) {
    throw new DemoError(`Dagster did not start:\n${lines.slice(-40).join('\n')}`);
  }
  started();
  console.log(`
Dagster's user interface: ${url}/assets/${asset}
Press "Materialize" there; the simulator keeps answering. Ctrl-C here ends everything.`);
  const { code } = await ended;
  if (running.length === 0) return; // it was stopped
  throw new DemoError(`Dagster ended by itself (exit code ${code}):\n${lines.slice(-40).join('\n')}`);
}

/** True once something answers there; false if nothing did in time. */
async function answers(url) {
  for (const end = performance.now() + waitMs; performance.now() < end; await delay(300)) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return true;
  }
  return false;
}

/** The preferred port if nothing has it, else any free one. */
function freePort(preferred) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (preferred === 0 ? reject(error) : resolve(freePort(0))));
    server.listen(preferred, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function stopAll() {
  await Promise.all(running.splice(0).map((child) => stop(child)));
}
