import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chunkIntervalMsDefault, openChunks } from '../../src/pipes/channels/chunks.ts';

interface Stored {
  readonly atMs: number;
  readonly index: number;
  readonly body: string;
}

/** Chunks whose uploads take `uploadMs`, of which the first `failures` fail. */
function open({ uploadMs = 0, failures = 0 } = {}) {
  const stored: Stored[] = [];
  const warnings: string[] = [];
  let underWay = 0;
  let attempts = 0;
  const channel = openChunks({
    intervalMs: chunkIntervalMsDefault,
    warn: (message) => void warnings.push(message),
    put: async (index, body) => {
      underWay += 1;
      attempts += 1;
      if (underWay > 1) throw new Error('two uploads at once');
      const failing = attempts <= failures;
      await new Promise((resolve) => setTimeout(resolve, uploadMs));
      underWay -= 1;
      if (failing) throw new Error('HTTP 503');
      stored.push({ atMs: Date.now(), index, body });
    },
  });
  return { channel, stored, warnings };
}

describe('chunks', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are uploaded 15 s apart or more while the program reports all the time', async () => {
    const { channel, stored } = open({ uploadMs: 700 });
    for (let second = 0; second < 100; second += 1) {
      channel.write(String(second));
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(stored.length).toBe(6);
    const gaps = stored.slice(1).map(({ atMs }, position) => atMs - (stored[position]?.atMs ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(15_000);
  });

  it('put all that is left into one last chunk, at once when the channel is closed', async () => {
    const { channel, stored } = open();
    channel.write('a');
    await vi.advanceTimersByTimeAsync(16_000);
    for (const line of ['b', 'c', 'closed']) channel.write(line);
    const done = channel.close();
    await vi.advanceTimersByTimeAsync(1);
    await done;
    expect(stored.map(({ index, body }) => [index, body])).toEqual([
      [1, 'a'],
      [2, 'b\nc\nclosed'],
    ]);
  });

  it('are one single chunk in a short run', async () => {
    const { channel, stored } = open();
    for (const line of ['opened', 'a', 'closed']) channel.write(line);
    const done = channel.close();
    await vi.advanceTimersByTimeAsync(1);
    await done;
    expect(stored.map(({ index, body }) => [index, body])).toEqual([[1, 'opened\na\nclosed']]);
  });

  it('are not uploaded while there is nothing to upload', async () => {
    const { channel, stored } = open();
    channel.write('a');
    await vi.advanceTimersByTimeAsync(600_000);
    expect(stored).toHaveLength(1);
  });

  it('wait at the end for the upload under way, then send the rest', async () => {
    const { channel, stored } = open({ uploadMs: 5000 });
    channel.write('a');
    await vi.advanceTimersByTimeAsync(15_001);
    channel.write('closed');
    const done = channel.close();
    await vi.advanceTimersByTimeAsync(20_000);
    await done;
    expect(stored.map(({ index, body }) => [index, body])).toEqual([
      [1, 'a'],
      [2, 'closed'],
    ]);
  });

  it('are sent again as they were after a failed upload, without a gap in their numbers', async () => {
    const { channel, stored, warnings } = open({ failures: 2 });
    channel.write('a');
    await vi.advanceTimersByTimeAsync(15_001);
    channel.write('b');
    await vi.advanceTimersByTimeAsync(60_000);
    const done = channel.close();
    await vi.advanceTimersByTimeAsync(1);
    await done;
    expect(stored.map(({ index, body }) => [index, body])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
    expect(warnings).toHaveLength(2);
  });

  it('are tried several times at the end, and then the loss is told', async () => {
    const { channel, stored, warnings } = open({ failures: 100 });
    channel.write('closed');
    const done = Promise.resolve(channel.close());
    const failure = expect(done).rejects.toThrow(/could not be stored: Error: HTTP 503/);
    await vi.advanceTimersByTimeAsync(60_000);
    await failure;
    expect(stored).toEqual([]);
    expect(warnings.at(-1)).toMatch(/messages are lost/);
  });

  it('reach their end if only the first attempts at the last one fail', async () => {
    const { channel, stored } = open({ failures: 3 });
    channel.write('closed');
    const done = channel.close();
    await vi.advanceTimersByTimeAsync(60_000);
    await done;
    expect(stored.map(({ body }) => body)).toEqual(['closed']);
  });
});
