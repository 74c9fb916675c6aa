import { spawn, spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const windows = process.platform === 'win32';

/** Runs a program to its end with this process's own output, and returns its exit code (127 if it cannot be started). Ctrl-C ends it and all it started. */
export function runShown(program, args, { cwd, env, shell } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, shell, stdio: ['ignore', 'inherit', 'inherit'], detached: !windows });
    const release = onInterrupt(() => stop(child));
    const finish = (code) => {
      if (ending) return;
      release();
      resolve(code);
    };
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`);
      finish(127);
    });
    child.on('close', (code) => finish(code ?? 1));
  });
}

/**
 * Runs a program to its end and returns `{ code, output }`. Each line is handed to `onLine` as it comes.
 * A program that cannot be started, or that outlives `timeoutMs`, has code 127 or 124 and says so in the output.
 */
export function run(program, args, { cwd, env, onLine, timeoutMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const lines = [];
    const take = (line) => {
      lines.push(line);
      onLine?.(line);
    };
    const ends = [splitLines(child.stdout, take), splitLines(child.stderr, take)];
    let late = false;
    const timer =
      timeoutMs &&
      setTimeout(() => {
        late = true;
        stop(child);
      }, timeoutMs);
    const release = onInterrupt(() => stop(child));
    const finish = (code) => {
      // Who interrupts needs not be told that the program did not succeed.
      if (ending) return;
      clearTimeout(timer);
      release();
      for (const end of ends) end();
      if (late) take(`stopped after ${Math.round(timeoutMs / 1000)} s`);
      resolve({ code: late ? 124 : code, output: lines.join('\n') });
    };
    child.on('error', (error) => {
      take(`${program}: ${error.message}`);
      finish(127);
    });
    child.on('close', (code) => finish(code ?? 1));
  });
}

/** Starts a program in a process group of its own, so that `stop` reaches its children too. */
export function start(program, args, { cwd, env, onLine } = {}) {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  splitLines(child.stdout, (line) => onLine?.(line));
  splitLines(child.stderr, (line) => onLine?.(line));
  child.ended = new Promise((resolve) => {
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 1));
  });
  return child;
}

/**
 * Ends a program and everything it started: SIGINT to its group, as Ctrl-C does, and to what is left after 10 s SIGTERM, after 4 s more
 * SIGKILL. Some of what Dagster starts leaves the group, so all descendants are looked up first.
 */
export async function stop(child) {
  if (child.pid === undefined) return;
  const all = [child.pid, ...descendants(child.pid)];
  signal(windows ? child.pid : -child.pid, 'SIGINT');
  for (const [next, waitMs] of [
    ['SIGTERM', 10_000],
    ['SIGKILL', 4000],
    [undefined, 2000],
  ]) {
    let left = running(all);
    for (const end = performance.now() + waitMs; left.length > 0 && performance.now() < end; left = running(all))
      await delay(150);
    if (next) for (const pid of left) signal(pid, next);
  }
}

const interrupts = new Set();

/** Calls `action` when the user presses Ctrl-C or the script is asked to end; the returned function takes that back. */
export function onInterrupt(action) {
  listen();
  interrupts.add(action);
  return () => interrupts.delete(action);
}

const parentEveryMs = 300;
let listening = false;
let ending = false;

function listen() {
  if (listening) return;
  listening = true;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupted);
  if (process.env.npm_lifecycle_event === undefined) return;
  // npm hands SIGTERM on to its shell only, which ends without a word to what it runs.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && interrupted(), parentEveryMs).unref();
}

/** A terminal and npm both pass Ctrl-C on, so the signal often comes twice. */
async function interrupted() {
  if (ending) return;
  ending = true;
  await Promise.all([...interrupts].map((action) => action()));
  process.exit(130);
}

/** Process ids of the children of a process, and of theirs. */
function descendants(pid) {
  const found = [];
  const everyone = processTable() ?? [];
  for (const waiting = [pid]; waiting.length > 0; ) {
    const parent = waiting.pop();
    const children = everyone.filter((one) => one.parent === parent).map((one) => one.pid);
    found.push(...children);
    waiting.push(...children);
  }
  return found;
}

/** Which of them run. One that has ended but was not waited for by its parent is gone. */
function running(pids) {
  const everyone = processTable();
  if (everyone === undefined) return pids.filter((pid) => signal(pid, 0));
  return pids.filter((pid) => everyone.some((one) => one.pid === pid && !one.state.startsWith('Z')));
}

/** All processes, or undefined where there is no `ps`. */
function processTable() {
  const { status, stdout } = windows ? {} : spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, state]) => ({ pid: Number(pid), parent: Number(parent), state }));
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false; // already gone
  }
}

/** Hands over whole lines; the returned function hands over what is left. */
function splitLines(stream, take) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text) => {
    const parts = (rest + text).split(/\r?\n/);
    rest = parts.pop() ?? '';
    for (const part of parts) take(part);
  });
  return () => {
    if (rest) take(rest);
    rest = '';
  };
}
