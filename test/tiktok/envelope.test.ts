import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEnvelope } from '../../src/tiktok/envelope.ts';

interface Shape {
  readonly rows: number;
  readonly name: string;
  readonly spacing: 'none' | 'spaces' | 'pretty';
  readonly order: 'usual' | 'request-id-last' | 'page-info-first';
  readonly totals: boolean;
  readonly message: string;
}

const anyShape: fc.Arbitrary<Shape> = fc.record({
  rows: fc.integer({ min: 0, max: 600 }),
  name: fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      '"page_info":{"page":9,"page_size":9,"total_number":9,"total_page":9}}}',
      '\\',
      '\\"',
      '{}}}',
      '🎬"',
      '"message":"x"',
      '\u2028\n',
    ),
  ),
  spacing: fc.constantFrom('none', 'spaces', 'pretty'),
  order: fc.constantFrom('usual', 'request-id-last', 'page-info-first'),
  totals: fc.boolean(),
  message: fc.constantFrom('OK', 'Good "quoted"', 'Ünïcode'),
});

function bodyOf(shape: Shape): Buffer {
  const list = Array.from({ length: shape.rows }, (_, at) => ({
    dimensions: { ad_id: `17800000000${at}` },
    metrics: { spend: '1.50', ad_name: shape.name },
  }));
  const page_info = { page: 2, page_size: 1_000, total_number: shape.rows, total_page: 3 };
  const totals = shape.totals ? { total_metrics: { spend: '9.99', reach: '-' } } : {};
  const inner = shape.order === 'page-info-first' ? { page_info, list, ...totals } : { list, ...totals, page_info };
  const request_id = '20260310120000ABC';
  const { message } = shape;
  const envelope =
    shape.order === 'request-id-last'
      ? { code: 0, message, data: inner, request_id }
      : { code: 0, message, request_id, data: inner };
  const text = JSON.stringify(envelope, null, shape.spacing === 'pretty' ? 2 : 0);
  return Buffer.from(shape.spacing === 'spaces' ? text.replaceAll('":', '" : ') : text);
}

describe('reading an envelope', () => {
  it('gives the same from head and tail of a large body as from all of it', () => {
    fc.assert(
      fc.property(anyShape, (shape) => {
        const body = bodyOf(shape);
        const whole = readEnvelope(body, true);
        expect({ ...readEnvelope(body, false), totalMetrics: whole.totalMetrics }).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  it('never takes a body for whole that was cut off anywhere', () => {
    fc.assert(
      fc.property(anyShape, fc.double({ min: 0, max: 1, noNaN: true }), (shape, share) => {
        const body = bodyOf(shape);
        const cut = body.subarray(0, Math.min(body.length - 1, Math.floor(body.length * share)));
        expect(() => readEnvelope(cut, false)).toThrow(SyntaxError);
      }),
      { numRuns: 300 },
    );
  });

  it('never takes a large body for whole that lacks only its last bytes', () => {
    const body = bodyOf({ rows: 600, name: 'x', spacing: 'none', order: 'usual', totals: false, message: 'OK' });
    for (let missing = 1; missing < 200; missing += 1)
      expect(() => readEnvelope(body.subarray(0, body.length - missing), false), `${missing} bytes`).toThrow(SyntaxError);
  });

  it('reads totals as texts, and as absent where there are none', () => {
    const read = (inner: unknown): unknown =>
      readEnvelope(Buffer.from(JSON.stringify({ code: 0, message: 'OK', data: inner })), true).totalMetrics;
    expect(read({ list: [], total_metrics: { spend: '1.20', clicks: 7 } })).toEqual({ spend: '1.20', clicks: '7' });
    expect(read({ list: [], total_metrics: null })).toBeNull();
    expect(read({ list: [] })).toBeNull();
  });

  it('takes an answer without data, whatever stands for it', () => {
    for (const part of ['', ',"data":null', ',"data":{}', ',"data":[]', ',"data":"x"'])
      expect(readEnvelope(Buffer.from(`{"code":40105,"message":"no"${part}}`), false)).toMatchObject({
        code: 40105,
        pageInfo: null,
      });
  });

  it.each(['', 'null', '[]', '"text"', '{}', '{"code":"0"}', '{"message":"OK"}', '<html></html>', '{"code":0'])(
    'refuses %j',
    (text) => {
      expect(() => readEnvelope(Buffer.from(text), false)).toThrow(SyntaxError);
    },
  );

  it('leaves page numbers out that are not numbers', () => {
    const body = Buffer.from(
      '{"code":0,"message":"OK","data":{"list":[],"page_info":{"page":1,"page_size":10,"total_number":null,"total_page":1}}}',
    );
    expect(readEnvelope(body, true).pageInfo).toBeNull();
  });
});
