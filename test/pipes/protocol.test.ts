import { describe, expect, it } from 'vitest';
import { toPipesException } from '../../src/pipes/exception.ts';
import { encodeJson } from '../../src/pipes/json.ts';
import { PipesMetadata } from '../../src/pipes/metadata.ts';
import { encodeMessage, type PipesMessage, toLogLevel } from '../../src/pipes/protocol.ts';
import { lineBytesMax } from '../../src/pipes/text.ts';
import { openSession } from './harness.ts';

/** A message with the types' promises broken, as a caller in JavaScript can. */
function broken(method: string, params: unknown): PipesMessage {
  return { method, params } as unknown as PipesMessage;
}

const check = { asset_key: 'a', check_name: 'c', passed: true, severity: 'ERROR', metadata: null };
const exception = { message: 'm', stack: [], name: null, cause: null, context: null };

describe('a message', () => {
  it.each([
    ['an unknown method', broken('report_asset_observation', {})],
    ['an unknown log level', broken('log', { message: 'a', level: 'NOTICE' })],
    ['a log message that is no text', broken('log', { message: 5, level: 'INFO' })],
    ['an empty asset key', broken('report_asset_materialization', { asset_key: '', metadata: null, data_version: null })],
    [
      'a data version that is no text',
      broken('report_asset_materialization', { asset_key: 'a', metadata: null, data_version: 5 }),
    ],
    ['a severity in lower case', broken('report_asset_check', { ...check, severity: 'error' })],
    ['a check outcome that is no boolean', broken('report_asset_check', { ...check, passed: 1 })],
    ['a check without name', broken('report_asset_check', { ...check, check_name: undefined })],
    ['a check with bad metadata', broken('report_asset_check', { ...check, metadata: { a: { type: 'int', raw_value: '5' } } })],
    ['a stream of another name', broken('log_external_stream', { stream: 'stdin', text: 'a', extras: {} })],
    ['stream text that is no text', broken('log_external_stream', { stream: 'stdout', text: 5, extras: {} })],
    ['an exception without stack', broken('closed', { exception: { message: 'm', name: null, cause: null, context: null } })],
    ['an exception whose stack holds numbers', broken('closed', { exception: { ...exception, stack: [1] } })],
    ['an exception that is a text', broken('closed', { exception: 'm' })],
    ['a payload JSON cannot say', broken('report_custom_message', { payload: () => 1 })],
  ])('is refused with %s: it would stop the reader', (_name, message) => {
    expect(() => encodeMessage(message)).toThrow(expect.objectContaining({ name: 'DagsterPipesError' }));
  });

  it('has all five keys in an exception and in its causes, given or not', () => {
    const line = encodeMessage(broken('closed', { exception: { message: 'm', stack: [], cause: { message: 'c', stack: [] } } }));
    expect(JSON.parse(line).params.exception).toEqual({ ...exception, cause: { ...exception, message: 'c' } });
  });

  it('has no parameter that Dagster does not know', () => {
    const line = encodeMessage(broken('log', { message: 'a', level: 'INFO', more: 1 }));
    expect(JSON.parse(line).params).toEqual({ message: 'a', level: 'INFO' });
  });

  it.each([
    ['warn', 'WARNING'],
    ['Fatal', 'CRITICAL'],
    ['debug', 'DEBUG'],
    ['INFO', 'INFO'],
  ])('takes the level %s as %s', (given, level) => {
    expect(toLogLevel(given)).toBe(level);
  });

  it.each([['x'.repeat(100_000)], ['\u0001'.repeat(50_000)], ['🚀'.repeat(50_000)]])(
    'stays below 16 KB as a log line, however long the text',
    (text) => {
      const line = encodeMessage({ method: 'log', params: { message: text, level: 'CRITICAL' } });
      expect(line.length).toBeLessThanOrEqual(lineBytesMax);
      expect(JSON.parse(line).params.message).toMatch(/\[cut: 100000|\[cut: 50000/);
    },
  );
});

describe('an exception', () => {
  it('carries name, message, frames that end in line breaks, and the chain of causes', () => {
    const error = new TypeError('outer', { cause: new RangeError('inner', { cause: 'root' }) });
    const wire = toPipesException(error);
    expect(wire).toMatchObject({ name: 'TypeError', message: 'outer', context: null });
    expect(wire.stack.length).toBeGreaterThan(0);
    expect(wire.stack.every((frame) => /^\s+at .*\n$/.test(frame))).toBe(true);
    expect(wire.cause).toMatchObject({ name: 'RangeError', message: 'inner' });
    expect(wire.cause?.cause).toEqual({ name: null, message: 'root', stack: [], cause: null, context: null });
  });

  it('tells the members of an AggregateError', () => {
    const error = new AggregateError([new TypeError('one'), 'two'], 'both failed');
    expect(toPipesException(error).message).toBe('both failed\n[1] TypeError: one\n[2] two');
  });

  it('follows a cycle of causes to an end', () => {
    const error = new Error('a');
    error.cause = error;
    expect(encodeJson(toPipesException(error)).length).toBeLessThan(lineBytesMax);
  });

  it('stays below 16 KB with long messages and long chains', () => {
    let error = new Error('x'.repeat(50_000));
    for (let depth = 0; depth < 20; depth += 1) error = new Error(`${depth} ${'ü'.repeat(20_000)}`, { cause: error });
    const line = encodeMessage({ method: 'closed', params: { exception: toPipesException(error) } });
    expect(line.length).toBeLessThanOrEqual(lineBytesMax);
    expect(JSON.parse(line).params.exception.cause.message).toMatch(/^18 /);
  });

  it.each([
    ['a text', 'boom', 'boom'],
    ['a number', 5, '5'],
    ['an object', { code: 1 }, '{ code: 1 }'],
    ['an error whose context is not an error', Object.assign(new Error('m'), { context: { request: 1 } }), 'm'],
  ])('can be made of %s', (_name, thrown, message) => {
    expect(toPipesException(thrown)).toMatchObject({ message, cause: null, context: null });
  });

  it('leaves one in wire form as it is', () => {
    const wire = {
      ...exception,
      name: 'E',
      stack: ['  at a\n'],
      cause: { ...exception, message: 'c' },
      context: { ...exception },
    };
    expect(toPipesException(wire)).toEqual(wire);
  });
});

describe('the messages of a session', () => {
  it('are the golden ones, byte for byte', async () => {
    const { pipes, lines } = openSession({ asset_keys: ['ads', 'a\\/b/c'] });
    pipes.logger.debug('Grüße 🚀\n"quoted"');
    pipes.log('careful', 'warn');
    pipes.reportCustomMessage({ kind: 'partition', id: 7_300_000_000_000_000_123n, none: null, list: [1, 2.5, true] });
    pipes.logExternalStream('stderr', 'page 1 of 3\n');
    pipes.reportAssetCheck('unique_key', false, 'WARN', { duplicates: 3 }, 'ads');
    pipes.reportAssetMaterialization(
      {
        'dagster/row_count': PipesMetadata.int(42),
        spend_total: PipesMetadata.float(5),
        rate: PipesMetadata.float(Number.NaN),
        preview: PipesMetadata.md('| a |\n| - |\n| 1 |'),
        rows: PipesMetadata.table([{ id: 1n, name: null, spend: 1.5 }]),
        'dagster/column_schema': PipesMetadata.tableSchema([
          {
            name: 'id',
            type: 'VARCHAR',
            description: 'the id',
            tags: { unit: 'none' },
            constraints: { nullable: false, other: ['x'] },
          },
        ]),
        'dagster/column_lineage': PipesMetadata.tableColumnLineage({ id: [{ asset_key: 'source', column_name: 'id' }] }),
        at: PipesMetadata.timestamp(new Date('2024-01-01T00:00:00Z')),
        inferred: 'text',
      },
      'v2',
      'ads',
    );
    pipes.reportAssetMaterialization(null, null, 'a\\/b/c');
    const cause = { message: 'connection reset', stack: [], name: null, cause: null, context: null };
    pipes.close({ message: 'no answer', stack: ['    at fetch (client.ts:1:1)\n'], name: 'SourceError', cause, context: null });
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../golden/pipes-messages.jsonl');
  });
});
