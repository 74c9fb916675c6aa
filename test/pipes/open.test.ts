import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  encodeParam,
  openDagsterPipes,
  openDagsterPipesAsync,
  PipesContext,
  PipesContextLoader,
  PipesDbfsContextLoader,
  PipesDbfsMessageWriter,
  PipesDefaultContextLoader,
  PipesDefaultMessageWriter,
  PipesMappingParamsLoader,
  PipesMessageWriter,
  PipesUnityCatalogVolumesContextLoader,
  PipesUnityCatalogVolumesMessageWriter,
  withDagsterPipes,
} from '../../src/pipes/index.ts';
import { newFolder, pipesEnvironment, readLines, wireContext } from './harness.ts';

const params = (context: unknown, messages: unknown): PipesMappingParamsLoader =>
  new PipesMappingParamsLoader({ DAGSTER_PIPES_CONTEXT: encodeParam(context), DAGSTER_PIPES_MESSAGES: encodeParam(messages) });

beforeEach(() => PipesContext.set(undefined));
afterEach(() => PipesContext.set(undefined));

describe('opening', () => {
  it('gives the same session every time', async () => {
    const { variables, messages } = pipesEnvironment();
    const loader = new PipesMappingParamsLoader(variables);
    expect(PipesContext.isInitialized()).toBe(false);
    expect(() => PipesContext.get()).toThrow(/openDagsterPipes\(\) first/);
    const pipes = openDagsterPipes(loader);
    expect(openDagsterPipes(loader)).toBe(pipes);
    expect(await openDagsterPipesAsync(loader)).toBe(pipes);
    expect(PipesContext.get()).toBe(pipes);
    expect(messages()).toHaveLength(1);
    pipes.close();
  });

  it('gives the same session to two who open at once', async () => {
    const { variables, messages } = pipesEnvironment();
    const loader = new PipesMappingParamsLoader(variables);
    const [first, second] = await Promise.all([openDagsterPipesAsync(loader), openDagsterPipesAsync(loader)]);
    expect(first).toBe(second);
    expect(messages()).toHaveLength(1);
    first.close();
  });

  it('takes the context out of the params', () => {
    const path = join(newFolder(), 'messages');
    const pipes = openDagsterPipes(params({ data: wireContext({ extras: { id: 7_300_000_000_000_000_123n } }) }, { path }));
    expect(pipes.extras).toEqual({ id: 7_300_000_000_000_000_123n });
    pipes.close();
  });

  it('drops messages where Dagster wants none', () => {
    const pipes = openDagsterPipes(params({ data: wireContext() }, { path: '/dev/null' }));
    pipes.reportAssetMaterialization();
    pipes.close();
    expect(pipes.isClosed).toBe(true);
  });

  it('asks for the other function where the context comes later', () => {
    class Later extends PipesContextLoader {
      override loadContext(): Promise<unknown> {
        return Promise.resolve(wireContext());
      }
    }
    const { variables } = pipesEnvironment();
    expect(() => openDagsterPipes(new PipesMappingParamsLoader(variables), new Later())).toThrow(/openDagsterPipesAsync/);
    expect(PipesContext.isInitialized()).toBe(false);
  });

  it('takes loaders and writers of others', async () => {
    const lines: string[] = [];
    class Custom extends PipesMessageWriter {
      override open(): { write(line: string): void; close(): void } {
        return { write: (line) => void lines.push(line), close: () => undefined };
      }
      override getOpenedExtras() {
        return { cluster: 'a' };
      }
    }
    class Later extends PipesContextLoader {
      override loadContext(): Promise<unknown> {
        return Promise.resolve(wireContext({ run_id: 'later' }));
      }
    }
    const pipes = await openDagsterPipesAsync(params({ any: 1 }, { other: 2 }), new Later(), new Custom());
    pipes.close();
    expect(pipes.runID).toBe('later');
    expect(JSON.parse(lines[0] ?? '').params).toEqual({ extras: { cluster: 'a' } });
  });

  it.each([
    ['the context file is not there', { path: '/nowhere/context' }, /context \/nowhere\/context cannot be read/],
    ['the context is in a store', { bucket: 'b', key: 'k' }, /name the store by a context loader/],
    ['the context is nowhere', {}, /the params have no keys/],
  ])('says so if %s', (_name, context, message) => {
    expect(() => openDagsterPipes(params(context, { path: '/dev/null' }))).toThrow(message);
  });

  it.each([
    ['the folder is not there', { path: '/nowhere/messages' }, /cannot be opened/],
    ['the stream has another name', { stdio: 'stdin' }, /must be stdout or stderr, not stdin/],
    ['the buffered stream has another name', { buffered_stdio: 1 }, /`buffered_stdio` is missing/],
    ['the place is unknown', { prefect_logs: true }, /no known place: the params have the keys prefect_logs/],
  ])('says so if messages have no place: %s', (_name, messages, message) => {
    expect(() => openDagsterPipes(params({ data: wireContext() }, messages))).toThrow(message);
    expect(PipesContext.isInitialized()).toBe(false);
  });
});

describe('on Databricks', () => {
  it.each([
    [
      'a volume',
      (_mount: string) => [new PipesUnityCatalogVolumesContextLoader(), new PipesUnityCatalogVolumesMessageWriter()] as const,
      '',
    ],
    ['DBFS', (mount: string) => [new PipesDbfsContextLoader(mount), new PipesDbfsMessageWriter({ mount })] as const, 'mount'],
  ])('context and chunks are files in %s', (_name, make, mounted) => {
    const folder = newFolder();
    mkdirSync(join(folder, 'messages'));
    writeFileSync(join(folder, 'context'), JSON.stringify(wireContext()));
    const at = (name: string): string => (mounted === '' ? join(folder, name) : `/${name}`);
    const [loader, writer] = make(folder);
    const pipes = openDagsterPipes(params({ path: at('context') }, { path: at('messages') }), loader, writer);
    pipes.reportAssetMaterialization();
    pipes.close();
    expect(readdirSync(join(folder, 'messages'))).toEqual(['1.json']);
    expect(readFileSync(join(folder, 'messages', '1.json'), 'utf8').split('\n')).toHaveLength(3);
  });
});

describe('work in a session', () => {
  const open = () => {
    const path = join(newFolder(), 'messages');
    const options = {
      paramsLoader: params({ data: wireContext() }, { path }),
      contextLoader: new PipesDefaultContextLoader(),
      messageWriter: new PipesDefaultMessageWriter(),
    };
    return {
      options,
      methods: () => readLines(path).map((line) => JSON.parse(line).method),
      last: () => JSON.parse(readLines(path).at(-1) ?? ''),
    };
  };

  it('gives what it gives, and the session is closed', async () => {
    const { options, methods } = open();
    expect(await withDagsterPipes(async (pipes) => pipes.runID, options)).toBe('run-1');
    expect(methods()).toEqual(['opened', 'closed']);
  });

  it('throws what it throws, and the session is closed with that', async () => {
    const { options, last } = open();
    await expect(withDagsterPipes(() => Promise.reject(new RangeError('boom')), options)).rejects.toThrow(RangeError);
    expect(last().params.exception).toMatchObject({ name: 'RangeError', message: 'boom' });
  });

  it('may close the session itself', async () => {
    const { options, methods } = open();
    await withDagsterPipes((pipes) => pipes.close(), options);
    expect(methods()).toEqual(['opened', 'closed']);
  });
});
