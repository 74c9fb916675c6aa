import { DagsterPipesError } from '../errors.ts';
import type { PipesMessageChannel } from './channel.ts';

/**
 * Dagster's reader looks for the next chunk about every 12 s while the process runs, and for 10 s after it ended. Uploading faster than it reads
 * leaves a queue whose end is lost without a word.
 */
export const chunkIntervalMsDefault = 15_000;

/** Attempts at the last chunks, once the program is done; before that a failed upload waits for the next turn. */
const lastAttemptsMax = 4;
const retryPauseMs = 500;

export interface ChunkOptions {
  /** Stores chunk number `index` (from 1). Returns nothing if it is done at once. */
  readonly put: (index: number, body: string) => void | Promise<void>;
  readonly intervalMs: number;
  /** Told about an upload that failed and will be tried again. */
  readonly warn: (message: string) => void;
}

/**
 * Lines in numbered chunks: first 1, no gaps, never an empty one, one at a time, each stored once and unchanged, at most one per interval, and
 * all that is left at the end in the last one.
 */
export function openChunks({ put, intervalMs, warn }: ChunkOptions): PipesMessageChannel {
  let lines: string[] = [];
  let index = 0;
  /** A chunk whose upload failed. It may have arrived all the same, so it is sent again as it was. */
  let unsent: { readonly index: number; readonly body: string } | undefined;
  let uploading: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let closing: void | Promise<void>;

  const take = (): { readonly index: number; readonly body: string } | undefined => {
    if (unsent === undefined && lines.length > 0) {
      index += 1;
      unsent = { index, body: lines.join('\n') };
      lines = [];
    }
    return unsent;
  };

  const schedule = (): void => {
    if (timer !== undefined || uploading !== undefined || closed) return;
    if (lines.length === 0 && unsent === undefined) return;
    // The program may end whenever it likes: what keeps it alive is its work, and then the upload that `close` begins.
    timer = setTimeout(upload, intervalMs).unref();
  };

  const upload = (): void => {
    timer = undefined;
    const chunk = take();
    if (chunk === undefined) return;
    uploading = attempt(() => put(chunk.index, chunk.body))
      .then(
        () => {
          unsent = undefined;
        },
        (error: unknown) => warn(`Pipes message chunk ${chunk.index} is not stored yet: ${String(error)}`),
      )
      .finally(() => {
        uploading = undefined;
        schedule();
      });
  };

  const finish = (): void | Promise<void> => {
    if (uploading !== undefined) return uploading.then(finish);
    const chunk = take();
    if (chunk === undefined) return undefined;
    const stored = put(chunk.index, chunk.body);
    if (stored === undefined) {
      unsent = undefined;
      return finish();
    }
    return persist(stored, () => put(chunk.index, chunk.body), warn).then(() => {
      unsent = undefined;
      return finish();
    });
  };

  return {
    write: (line) => {
      if (closed) throw new DagsterPipesError('The Pipes message chunks are closed');
      lines.push(line);
      schedule();
    },
    close: () => {
      if (closed) return closing;
      closed = true;
      clearTimeout(timer);
      closing = finish();
      return closing;
    },
  };
}

/** Calls at once, as a promise also if it throws. */
async function attempt(action: () => void | Promise<void>): Promise<void> {
  await action();
}

/** Waits for the first try and repeats it a few times. */
async function persist(first: Promise<void>, again: () => void | Promise<void>, warn: (message: string) => void): Promise<void> {
  let current: void | Promise<void> = first;
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await current;
    } catch (cause) {
      if (attempts >= lastAttemptsMax) {
        warn(`The last Pipes messages are lost: ${String(cause)}`);
        throw new DagsterPipesError(`The last Pipes messages could not be stored: ${String(cause)}`, { cause });
      }
      await new Promise((resolve) => setTimeout(resolve, retryPauseMs * 2 ** (attempts - 1)));
      current = again();
    }
  }
}
