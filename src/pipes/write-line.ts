import { writeSync } from 'node:fs';
import { DagsterPipesError } from './errors.ts';

/** How long a full pipe may stay full before the reader counts as gone. */
const stallMsMax = 60_000;
const pauseMs = 5;

/**
 * Writes a whole line (line break added) before it returns: in one call where the system takes it in one, else to the last byte.
 * A pipe that Node has opened does not block and says EAGAIN when full; then it waits, for at most a minute without progress.
 * @throws DagsterPipesError if the descriptor cannot be written to.
 */
export function writeLine(fd: number, line: string): void {
  const bytes = Buffer.from(`${line}\n`, 'utf8');
  let written = 0;
  let stalledMs = 0;
  while (written < bytes.length) {
    const taken = tryWrite(fd, bytes.subarray(written));
    written += taken;
    stalledMs = taken > 0 ? 0 : stalledMs + pauseMs;
    if (stalledMs > stallMsMax) throw new DagsterPipesError('Nobody has read the Pipes messages for a minute');
    if (taken === 0) sleep(pauseMs);
  }
}

function tryWrite(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EAGAIN') return 0;
    throw new DagsterPipesError(`A Pipes message could not be written: ${String(cause)}`, { cause });
  }
}

/** Blocks the thread: the message has to be out before anything else happens. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
