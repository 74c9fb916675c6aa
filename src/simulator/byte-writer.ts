/** Writes JSON text as bytes. Reports are mostly digits, and this is several times faster than joining strings. */
export interface ByteWriter {
  /** Makes room for this many more bytes; call it before writing. */
  readonly reserve: (bytes: number) => void;
  readonly bytes: (text: Uint8Array) => void;
  /** A whole number, below 2^53. */
  readonly integer: (n: number) => void;
  /** `n` units of the last of `digits` decimals: `fixed(1468, 2)` is `14.68`. */
  readonly fixed: (n: number, digits: number) => void;
  /** `n` with leading zeros. */
  readonly padded: (n: number, width: number) => void;
  /** What was written. The memory belongs to the caller from now on. */
  readonly finish: () => Buffer;
}

/* Bytes are only read within their bounds, hence `as number`. */

export function createByteWriter(sizeBytes: number): ByteWriter {
  let buffer = Buffer.allocUnsafeSlow(sizeBytes);
  let at = 0;

  function reserve(bytes: number): void {
    if (at + bytes <= buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, at + bytes));
    buffer.copy(grown, 0, 0, at);
    buffer = grown;
  }

  function bytes(text: Uint8Array): void {
    const length = text.length;
    if (length > 64) {
      buffer.set(text, at);
    } else {
      for (let i = 0; i < length; i += 1) buffer[at + i] = text[i] as number;
    }
    at += length;
  }

  function padded(n: number, width: number): void {
    let rest = n;
    let i = at + width;
    while (rest > 0x7fffffff) {
      const next = Math.floor(rest / 10);
      i -= 1;
      buffer[i] = 48 + (rest - next * 10);
      rest = next;
    }
    let small = rest | 0;
    while (i > at) {
      const next = (small / 10) | 0;
      i -= 1;
      buffer[i] = 48 + (small - next * 10);
      small = next;
    }
    at += width;
  }

  function integer(n: number): void {
    padded(n, digitsOf(n));
  }

  function fixed(n: number, digits: number): void {
    if (digits === 0) {
      integer(n);
      return;
    }
    const unit = digits === 2 ? 100 : 10 ** digits;
    const integral = Math.floor(n / unit);
    integer(integral);
    buffer[at] = 46;
    at += 1;
    padded(n - integral * unit, digits);
  }

  return { reserve, bytes, integer, fixed, padded, finish: () => buffer.subarray(0, at) };
}

function digitsOf(n: number): number {
  if (n < 10) return 1;
  if (n < 100) return 2;
  if (n < 1_000) return 3;
  if (n < 10_000) return 4;
  if (n < 100_000) return 5;
  let digits = 6;
  for (let limit = 1_000_000; n >= limit; limit *= 10) digits += 1;
  return digits;
}
