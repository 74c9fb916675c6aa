import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileQuotaStore, type QuotaStore } from '../../src/tiktok/quota-store.ts';
import { temporaryFolder } from '../support/folders.ts';

const countUp = (store: QuotaStore): Promise<number> =>
  store.update((state) => {
    state.dayCount += 1;
    return state.dayCount;
  });

function fileIn(directory: string, ending: string): string {
  const name = readdirSync(directory).find((one) => one.endsWith(ending));
  if (!name) throw new Error(`no file ${ending}`);
  return join(directory, name);
}

/** The id of a process that has ended. */
function deadProcess(): string {
  return execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
}

describe('the quota’s file', () => {
  it('is kept from one store to the next, one file an app', async () => {
    const directory = join(temporaryFolder(), 'not', 'there', 'yet');
    expect(await countUp(fileQuotaStore(directory, 'one'))).toBe(1);
    expect(await countUp(fileQuotaStore(directory, 'one'))).toBe(2);
    expect(await countUp(fileQuotaStore(directory, 'two'))).toBe(1);
    expect(readdirSync(directory)).toHaveLength(2);
  });

  it('tells nothing about the app, and is for its owner only', async () => {
    const directory = join(temporaryFolder(), 'state');
    await countUp(fileQuotaStore(directory, 'canary-token'));
    const path = fileIn(directory, '.json');
    expect(`${path} ${readFileSync(path, 'utf8')}`).not.toContain('canary');
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(statSync(directory).mode & 0o077).toBe(0);
  });

  it('loses no update of many at once', async () => {
    const directory = temporaryFolder();
    const stores = Array.from({ length: 5 }, () => fileQuotaStore(directory, 'app'));
    await Promise.all(Array.from({ length: 100 }, (_, at) => countUp(stores[at % 5] ?? fileQuotaStore(directory, 'app'))));
    expect(await countUp(fileQuotaStore(directory, 'app'))).toBe(101);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('is unlocked again when a change fails', async () => {
    const store = fileQuotaStore(temporaryFolder(), 'app');
    await expect(
      store.update(() => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await countUp(store)).toBe(1);
  });

  it.each(['', '{', 'null', '[]', '{"recent":null,"seconds":null}', '{"recent":["x"],"dayCount":"y"}'])(
    'counts as new where it holds %j',
    async (text) => {
      const directory = temporaryFolder();
      const store = fileQuotaStore(directory, 'app');
      await countUp(store);
      writeFileSync(fileIn(directory, '.json'), text);
      const state = await store.update((found) => ({ ...found }));
      expect(state.recent).toEqual([]);
      expect(state.seconds).toEqual({});
      expect(state.dayCount).toBe(0);
    },
  );
});

describe('a lock left behind', () => {
  it('by a process that has ended is taken over at once', async () => {
    const directory = temporaryFolder();
    const store = fileQuotaStore(directory, 'app');
    await countUp(store);
    const lock = `${fileIn(directory, '.json')}.lock`;
    writeFileSync(lock, deadProcess());
    const began = Date.now();
    expect(await countUp(store)).toBe(2);
    expect(Date.now() - began).toBeLessThan(1_000);
    expect(existsSync(lock)).toBe(false);
  });

  it.each(['', String(process.pid), 'nonsense'])('with the text %j is taken over when it is old', async (text) => {
    const directory = temporaryFolder();
    const store = fileQuotaStore(directory, 'app');
    await countUp(store);
    const lock = `${fileIn(directory, '.json')}.lock`;
    writeFileSync(lock, text);
    const old = new Date(Date.now() - 60_000);
    utimesSync(lock, old, old);
    expect(await countUp(store)).toBe(2);
  });

  it('is taken over by one of many that wait for it', async () => {
    const directory = temporaryFolder();
    const store = fileQuotaStore(directory, 'app');
    await countUp(store);
    writeFileSync(`${fileIn(directory, '.json')}.lock`, deadProcess());
    await Promise.all(Array.from({ length: 50 }, () => countUp(fileQuotaStore(directory, 'app'))));
    expect(await countUp(store)).toBe(52);
  });
});

describe('a lock that is held', () => {
  it('is waited for', async () => {
    const directory = temporaryFolder();
    const store = fileQuotaStore(directory, 'app');
    await countUp(store);
    const lock = `${fileIn(directory, '.json')}.lock`;
    writeFileSync(lock, String(process.pid));
    let done = false;
    const waiting = countUp(store).then(() => {
      done = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(done).toBe(false);
    (await import('node:fs')).rmSync(lock);
    await waiting;
    expect(done).toBe(true);
  });

  it('in a folder that cannot be written is an error, not an endless wait', () => {
    const directory = join(temporaryFolder(), 'file');
    writeFileSync(directory, '');
    expect(() => fileQuotaStore(directory, 'app')).toThrow(/EEXIST|ENOTDIR/);
    expect(() => mkdirSync(directory, { recursive: true })).toThrow();
  });
});
