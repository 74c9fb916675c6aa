import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeJson, nestingMax, PipesFloat, parseJson } from '../../src/pipes/json.ts';
import { cutText, splitText, textBytesMax } from '../../src/pipes/text.ts';

describe('JSON on the wire', () => {
  it('writes a PipesFloat with a fraction or exponent, so that Python reads a float', () => {
    expect([5, 0, -0, 1e21, 1e-7, 0.1, -12].map((value) => encodeJson(new PipesFloat(value)))).toEqual([
      '5.0',
      '0.0',
      '-0.0',
      '1e+21',
      '1e-7',
      '0.1',
      '-12.0',
    ]);
  });

  it('writes a number beyond 2^53, whose digits are not exact, as a float', () => {
    expect([2 ** 60, -(2 ** 53), 1e22, Number.MAX_SAFE_INTEGER].map((value) => encodeJson(value))).toEqual([
      '1152921504606847000.0',
      '-9007199254740992.0',
      '1e+22',
      '9007199254740991',
    ]);
  });

  it('writes bigints as their digits', () => {
    expect(encodeJson({ id: 1_234_567_890_123_456_789n })).toBe('{"id": 1234567890123456789}');
  });

  it('writes NaN and the infinities as text', () => {
    expect(encodeJson([Number.NaN, Number.POSITIVE_INFINITY, new PipesFloat(Number.NEGATIVE_INFINITY)])).toBe(
      '["NaN", "Infinity", "-Infinity"]',
    );
  });

  it('is ASCII in one line, whatever the text holds', () => {
    const text = encodeJson({ 'ключ\u2028': 'a\nb\r\u0085\u2029🚀 \u007f' });
    expect(text).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(text)).toEqual({ 'ключ\u2028': 'a\nb\r\u0085\u2029🚀 \u007f' });
  });

  it('replaces an unpaired surrogate, which Dagster could not store', () => {
    expect(JSON.parse(encodeJson('a\ud800b'))).toBe('a\ufffdb');
  });

  it('leaves out undefined fields, writes undefined entries as null and dates as ISO text', () => {
    expect(encodeJson({ a: undefined, b: [undefined, 1], c: new Date(0) })).toBe(
      '{"b": [null, 1], "c": "1970-01-01T00:00:00.000Z"}',
    );
  });

  it.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a Map inside', { map: new Map() }],
    ['a Set inside', [new Set()]],
    ['an integer longer than Python reads', 10n ** 5000n],
  ])('refuses %s', (_name, value) => {
    expect(() => encodeJson(value)).toThrow(expect.objectContaining({ name: 'DagsterPipesError' }));
  });

  it('refuses what is nested deeper than Python reads, and what contains itself', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    let deep: unknown = 1;
    for (let level = 0; level <= nestingMax; level += 1) deep = [deep];
    expect(() => encodeJson(cycle)).toThrow(/nested/);
    expect(() => encodeJson(deep)).toThrow(/nested/);
  });

  it('says the same as JSON.stringify for every plain value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(JSON.parse(encodeJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('keeps whole floats apart from integers if asked to', () => {
    const text = '[5.0, 5, -0.0, 1E5, 0.5, 12345678901234567890.0, 7300000000000000123, {"a": 1.0}]';
    expect(encodeJson(parseJson(text, { floats: 'kept' }))).toBe(
      '[5.0, 5, -0.0, 100000.0, 0.5, 12345678901234567000.0, 7300000000000000123, {"a": 1.0}]',
    );
  });

  it('reads NaN and the infinities, which Python writes bare', () => {
    const text = '{"a": NaN, "b": [Infinity, -Infinity], "NaN": "NaN \\" Infinity", "c": 1}';
    const expected = { a: Number.NaN, b: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], NaN: 'NaN " Infinity', c: 1 };
    expect(parseJson(text)).toEqual(expected);
    expect(encodeJson(parseJson(text, { floats: 'kept' }))).toBe(encodeJson(expected));
  });

  it.each(['{"a": NaNa}', '[-NaN]', '[Infinity', '{NaN: 1}', 'nan'])('refuses %s as JSON.parse does', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it('reads integers beyond 2^53 without losing a digit, and all others as numbers', () => {
    expect(parseJson('[7300000000000000123, -9007199254740993, 5, 5.5, 1e300, "7300000000000000123"]')).toEqual([
      7_300_000_000_000_000_123n,
      -9_007_199_254_740_993n,
      5,
      5.5,
      1e300,
      '7300000000000000123',
    ]);
  });
});

describe('long text', () => {
  it('stays as it is up to the limit', () => {
    const text = 'x'.repeat(textBytesMax);
    expect(cutText(text)).toBe(text);
  });

  it('is cut beyond it, with a note of its full length, never inside a character', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('x', '"', '\n', '\u0001', 'ü', '🚀'), { minLength: 300, maxLength: 400 }),
        (characters) => {
          const text = characters.join('');
          const cut = cutText(text, 300);
          expect(encodeJson(cut).length - 2).toBeLessThanOrEqual(300);
          expect(cut).toContain(`[cut: ${text.length} characters in all]`);
          expect(cut.isWellFormed()).toBe(true);
        },
      ),
    );
  });

  it('is split into pieces below the limit that make up the text again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 12, max: 60 }), (text, limit) => {
        const pieces = splitText(text, limit);
        expect(pieces.join('')).toBe(text);
        for (const piece of pieces) expect(encodeJson(piece).length - 2).toBeLessThanOrEqual(limit);
      }),
    );
  });
});
