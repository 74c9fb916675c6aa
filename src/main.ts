import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { systemClock } from './clock.ts';
import type { RunEnvironment } from './run.ts';

/** How long a cancelled run may take to end in order; then it is ended. Dagster waits 20 s after its first signal. */
const endWithinMs = 12_000;
const defaultRequestTimeoutMs = 120_000;
const defaultMemoryLimitMb = 128;

/**
 * The C library keeps freed memory apart for each thread, and DuckDB's statements take turns on all threads of this pool: with four of
 * them a load takes 40 MB more. More than two statements at a time there never are: one that types rows and one that loads them.
 */
process.env['UV_THREADPOOL_SIZE'] ??= '2';

// What a page needs in JavaScript is gone at once; by itself the space for such objects would grow to 48 MB.
setFlagsFromString('--semi-space-growth-factor=1');

const controller = new AbortController();

function cancel(reason: string): void {
  if (controller.signal.aborted) return;
  controller.abort(new Error(reason));
  setTimeout(() => process.exit(130), endWithinMs).unref();
}

// Installed explicitly: Dagster started in the background of a shell hands down an ignored SIGINT.
process.on('SIGINT', () => cancel('SIGINT'));
process.on('SIGTERM', () => cancel('SIGTERM'));

// Whoever read the output may have seen enough (`| head`, a closed terminal): nothing more is shown, and what runs still ends in order.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });

if (process.env['TIKTOK_ADS_WATCH_STDIN'] === '1') {
  // The parent holds the other end open; its death, however sudden, ends the pipe.
  process.stdin.on('end', () => cancel('the parent process is gone'));
  process.stdin.on('error', () => cancel('the parent process is gone'));
  process.stdin.resume();
  process.stdin.unref();
}

function runEnvironment(): RunEnvironment {
  const home = process.env['XDG_STATE_HOME'] ?? (process.env['HOME'] ? join(process.env['HOME'], '.local', 'state') : tmpdir());
  return {
    clock: systemClock,
    random: Math.random,
    signal: controller.signal,
    directory: process.cwd(),
    temporaryDirectory: join(process.env['TIKTOK_ADS_TEMP_DIR'] ?? tmpdir(), `tiktok-ads-${process.getuid?.() ?? 'user'}`),
    stateDirectory: process.env['TIKTOK_ADS_STATE_DIR'] ?? join(home, 'tiktok-ads'),
    processId: process.pid,
    isAlive: (processId) => {
      try {
        process.kill(processId, 0);
        return true;
      } catch (error) {
        return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
      }
    },
    requestTimeoutMs: Number(process.env['TIKTOK_ADS_REQUEST_TIMEOUT_MS'] ?? defaultRequestTimeoutMs),
    memoryLimitMb: Number(process.env['TIKTOK_ADS_MEMORY_LIMIT_MB'] ?? defaultMemoryLimitMb),
  };
}

async function main(): Promise<number> {
  if (process.env['DAGSTER_PIPES_CONTEXT'] !== undefined) {
    const { runForDagster } = await import('./dagster.ts');
    return runForDagster(runEnvironment(), process.env, (text) => process.stderr.write(text));
  }
  const { runCommand } = await import('./cli/commands.ts');
  const io = {
    stdout: (text: string) => void process.stdout.write(text),
    stderr: (text: string) => void process.stderr.write(text),
    env: process.env,
    cwd: process.cwd(),
    isTty: process.stdout.isTTY === true,
    // A terminal that does not know its size says 0.
    columns: process.stdout.columns || null,
    errorColumns: process.stderr.isTTY === true ? () => process.stderr.columns || 80 : null,
  };
  return runCommand(process.argv.slice(2), io, runEnvironment);
}

process.exitCode = await main();
// Timers and sockets of a cancelled run must not hold the process.
if (controller.signal.aborted) process.exit(process.exitCode);
