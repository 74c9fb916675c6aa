import type { Writable } from 'node:stream';

/**
 * Shows every chunk written to a stream to `see`, and still writes it. Returns what undoes it.
 * Only writes through the stream are seen, not those to its descriptor.
 */
export function tap(stream: Writable, see: (chunk: Uint8Array) => void): () => void {
  const original = stream.write;
  let watching = true;
  const tapped = function (this: Writable, ...args: Parameters<Writable['write']>): boolean {
    if (watching) see(bytesOf(args[0], args[1]));
    return original.apply(stream, args);
  };
  stream.write = tapped as Writable['write']; // the same parameters as `write` in all its forms
  return () => {
    watching = false;
    // Whoever tapped the stream after us still calls our function, which from now on only passes on.
    if (stream.write === tapped) stream.write = original;
  };
}

function bytesOf(chunk: unknown, encoding: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  return Buffer.from(String(chunk), typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'); // what Node took for one
}
