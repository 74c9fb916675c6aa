import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDecimal, parseDecimal, sumDecimals } from '../src/decimal.ts';

describe('decimals', () => {
  it.each([
    ['0', '0'],
    ['-0.00', '0'],
    ['12.500', '12.5'],
    ['+7', '7'],
    ['-0.01', '-0.01'],
    ['000.10', '0.1'],
    [' 3.25 ', '3.25'],
    ['123456789012345678901234567890.123456789', '123456789012345678901234567890.123456789'],
  ])('reads %j as %s', (text, plain) => {
    expect(formatDecimal(parseDecimal(text))).toBe(plain);
  });

  it.each(['', '-', '1,000', '1e3', '.5', '5.', 'NaN', '0x1', '1.2.3'])('refuses %j', (text) => {
    expect(() => parseDecimal(text)).toThrow(RangeError);
  });

  it('adds what floating-point numbers cannot', () => {
    expect(sumDecimals(['0.1', '0.2'])).toBe('0.3');
    expect(sumDecimals(Array.from({ length: 1_000 }, () => '0.01'))).toBe('10');
    expect(sumDecimals([])).toBe('0');
  });

  it('adds exactly and in any order', () => {
    const amount = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 20 }), (cents) => {
        const texts = cents.map((value) => formatDecimal(value * 10_000_000n));
        const total = cents.reduce((sum, value) => sum + value, 0n);
        expect(sumDecimals(texts)).toBe(formatDecimal(total * 10_000_000n));
        expect(sumDecimals(texts.toReversed())).toBe(sumDecimals(texts));
      }),
    );
  });
});
