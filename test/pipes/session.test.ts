import { describe, expect, it } from 'vitest';
import type { PipesMessageChannel } from '../../src/pipes/channels/channel.ts';
import { parseContext } from '../../src/pipes/context.ts';
import { PipesContext } from '../../src/pipes/session.ts';
import { openSession, wireContext } from './harness.ts';

const methods = (messages: readonly { readonly method: string }[]): readonly string[] => messages.map(({ method }) => method);

describe('a session', () => {
  it('begins with opened and ends with one closed, however often it is closed', () => {
    const { pipes, messages } = openSession();
    expect(pipes.isClosed).toBe(false);
    pipes.close();
    pipes.close(new Error('late'));
    pipes[Symbol.dispose]();
    expect(pipes.isClosed).toBe(true);
    expect(messages()).toEqual([
      { __dagster_pipes_version: '0.1', method: 'opened', params: { extras: {} } },
      { __dagster_pipes_version: '0.1', method: 'closed', params: {} },
    ]);
  });

  it('closes with an exception whose five keys are all there', () => {
    const { pipes, messages } = openSession();
    pipes.close(new TypeError('boom'));
    expect(Object.keys(messages()[1]?.params.exception).sort()).toEqual(['cause', 'context', 'message', 'name', 'stack']);
    expect(messages()[1]?.params.exception).toMatchObject({ name: 'TypeError', message: 'boom', cause: null, context: null });
  });

  it.each<[string, (pipes: PipesContext) => void]>([
    ['log', (pipes) => pipes.logger.info('late')],
    ['reportAssetMaterialization', (pipes) => pipes.reportAssetMaterialization()],
    ['reportAssetCheck', (pipes) => pipes.reportAssetCheck('c', true)],
    ['reportCustomMessage', (pipes) => pipes.reportCustomMessage(1)],
    ['logExternalStream', (pipes) => pipes.logExternalStream('stdout', 'late')],
  ])('throws at %s after it was closed, and writes nothing', (_name, use) => {
    const { pipes, messages } = openSession();
    pipes.close();
    expect(() => use(pipes)).toThrow(/session is closed/);
    expect(methods(messages())).toEqual(['opened', 'closed']);
  });

  it('writes nothing when it refuses a message, and goes on', () => {
    const { pipes, messages } = openSession();
    expect(() => pipes.log('a', 'LOUD')).toThrow(/LOUD/);
    expect(() => pipes.reportCustomMessage(undefined)).toThrow(/payload/);
    expect(() => pipes.reportCustomMessage(() => 1)).toThrow(/function/);
    expect(() => pipes.reportAssetMaterialization({ rows: { type: 'int', raw_value: '5' } })).toThrow(/rows/);
    pipes.reportAssetMaterialization({ rows: 5 });
    expect(methods(messages())).toEqual(['opened', 'report_asset_materialization']);
  });

  it('logs at each level', () => {
    const { pipes, messages } = openSession();
    pipes.logger.debug('a');
    pipes.logger.info('b');
    pipes.logger.warning('c');
    pipes.logger.error('d');
    pipes.logger.critical('e');
    pipes.log('f');
    expect(
      messages()
        .slice(1)
        .map(({ params }) => [params.level, params.message]),
    ).toEqual([
      ['DEBUG', 'a'],
      ['INFO', 'b'],
      ['WARNING', 'c'],
      ['ERROR', 'd'],
      ['CRITICAL', 'e'],
      ['INFO', 'f'],
    ]);
  });

  it('reports the only asset without being told its key', () => {
    const { pipes, messages } = openSession();
    pipes.reportAssetCheck('unique', true);
    pipes.reportAssetMaterialization(null, 'v2');
    expect(
      messages()
        .slice(1)
        .map(({ params }) => params),
    ).toEqual([
      { asset_key: 'ads', check_name: 'unique', passed: true, severity: 'ERROR', metadata: null },
      { asset_key: 'ads', metadata: null, data_version: 'v2' },
    ]);
  });

  it('asks for the key where the step has several assets, and refuses one it does not have', () => {
    const { pipes } = openSession({ asset_keys: ['a', 'b'] });
    expect(() => pipes.reportAssetMaterialization()).toThrow(/needs an asset key: this step has several assets \(a, b\)/);
    expect(() => pipes.reportAssetCheck('c', true)).toThrow(/needs an asset key/);
    expect(() => pipes.reportAssetMaterialization(null, null, 'c')).toThrow(/no asset c/);
    pipes.reportAssetMaterialization(null, null, 'b');
  });

  it('reports each asset as materialized once', () => {
    const { pipes, messages } = openSession({ asset_keys: ['a', 'b'] });
    pipes.reportAssetMaterialization(null, null, 'a');
    expect(() => pipes.reportAssetMaterialization(null, null, 'a')).toThrow(/already been reported/);
    pipes.reportAssetMaterialization(null, null, 'b');
    expect(messages()).toHaveLength(3);
  });

  it('reports each check once, and one of the same name for another asset', () => {
    const { pipes } = openSession({ asset_keys: ['a', 'b'] });
    pipes.reportAssetCheck('c', true, 'WARN', null, 'a');
    expect(() => pipes.reportAssetCheck('c', false, 'WARN', null, 'a')).toThrow(/already been reported/);
    pipes.reportAssetCheck('c', true, 'WARN', null, 'b');
  });

  it('reports checks in a run of checks alone, but no materialization', () => {
    const { pipes, messages } = openSession({ asset_keys: [] });
    pipes.reportAssetCheck('c', true, 'ERROR', null, 'a');
    expect(() => pipes.reportAssetMaterialization(null, null, 'a')).toThrow(/only runs checks/);
    expect(methods(messages())).toEqual(['opened', 'report_asset_check']);
  });

  it('asks for the key in an op without assets', () => {
    const { pipes } = openSession({ asset_keys: null });
    expect(() => pipes.reportAssetMaterialization()).toThrow(/names no asset/);
  });

  it('splits stream text over 16 KB into messages that make it up again', () => {
    const { pipes, messages, lines } = openSession();
    const text = 'é'.repeat(10_000);
    pipes.logExternalStream('stderr', text);
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.every((line) => line.length <= 16_384)).toBe(true);
    expect(
      messages()
        .slice(1)
        .map(({ params }) => params.text)
        .join(''),
    ).toBe(text);
  });

  it('is closed even if the last message cannot be written', () => {
    const channel: PipesMessageChannel = {
      write: (line) => {
        if (line.includes('"closed"')) throw new Error('disk full');
      },
      close: () => undefined,
    };
    const pipes = new PipesContext({ context: parseContext(wireContext()), channel, openedExtras: {} });
    expect(() => pipes.close()).toThrow('disk full');
    expect(pipes.isClosed).toBe(true);
    expect(() => pipes.close()).not.toThrow();
  });

  it('tells who asks that the last upload failed', async () => {
    const channel: PipesMessageChannel = { write: () => undefined, close: () => Promise.reject(new Error('no bucket')) };
    const pipes = new PipesContext({ context: parseContext(wireContext()), channel, openedExtras: {} });
    pipes.close();
    await expect(pipes.delivered()).rejects.toThrow('no bucket');
  });

  it('sends in opened what the writer tells of the process', () => {
    const lines: string[] = [];
    const channel: PipesMessageChannel = { write: (line) => void lines.push(line), close: () => undefined };
    new PipesContext({ context: parseContext(wireContext()), channel, openedExtras: { cluster: 'a' } });
    expect(JSON.parse(lines[0] ?? '').params).toEqual({ extras: { cluster: 'a' } });
  });
});

describe('a session that does nothing', () => {
  it('takes every call and tells nothing', () => {
    const pipes = new PipesContext(null);
    pipes.logger.info('a');
    pipes.reportAssetMaterialization({ bad: { type: 'int', raw_value: 'x' } });
    pipes.reportAssetMaterialization();
    pipes.reportAssetCheck('c', true);
    pipes.reportCustomMessage(undefined === null);
    pipes.close(new Error('a'));
    pipes.logger.info('after close');
    expect([pipes.isDagsterPipesProcess, pipes.isClosed, pipes.isAssetStep, pipes.isPartitionStep]).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect([pipes.assetKeys, pipes.assetKey, pipes.extras, pipes.getExtra('a'), pipes.partitionKey]).toEqual([
      [],
      '',
      {},
      undefined,
      '',
    ]);
    expect([pipes.partitionTimeWindow, pipes.provenance, pipes.codeVersion, pipes.runID]).toEqual([null, null, null, '']);
  });
});
