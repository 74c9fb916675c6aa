import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const longestMs = 30 * 60_000;

/**
 * Waits until no other process holds the lock, takes it until this process ends, and returns a function that gives it back sooner.
 * The lock of a process that is gone, or that is older than half an hour, counts for nothing. `onWait(pid)` is called once if it has to wait.
 */
export async function takeLock(file, onWait) {
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; ; await delay(300)) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = holderOf(file);
    if (holder === undefined) rmSync(file, { force: true });
    else if (!told) onWait(holder);
    told ||= holder !== undefined;
  }
  const release = () => {
    if (holderOf(file) === process.pid) rmSync(file, { force: true });
  };
  process.once('exit', release);
  return release;
}

/** Process id of who holds the lock, or undefined if nobody alive does. */
function holderOf(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    const age = Date.now() - statSync(file).mtimeMs;
    // A file just made may be empty still.
    if (pid === 0) return age < 5000 ? pid : undefined;
    if (age > longestMs) return undefined;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return error.code === 'EPERM' ? -1 : undefined;
  }
}
