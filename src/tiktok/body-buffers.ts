/**
 * Memory for the bodies of answers, used again and again. Half a megabyte a page that is made anew each time has to be found by the garbage
 * collector, which marked all of the program's memory for it several times a second and let a hundred megabytes come together meanwhile.
 */
export interface BodyBuffers {
  /** A buffer with room for so many bytes; its content is what was there before. */
  readonly take: (bytes: number) => Buffer;
  /** A larger one with the first `used` bytes of this one, which is given back. */
  readonly grow: (buffer: Buffer, used: number, bytes: number) => Buffer;
  /** For the next taker. One that is never given back is ordinary garbage. */
  readonly giveBack: (buffer: Buffer) => void;
}

/** Sizes are multiples of this, so that pages of nearly one size share buffers. */
const stepBytes = 256 * 1024;
/** Bytes kept for later; more are left to the garbage collector. */
const keptBytesMax = 12 * 1024 * 1024;

export function createBodyBuffers(): BodyBuffers {
  const free: Buffer[] = [];
  let keptBytes = 0;

  const take = (bytes: number): Buffer => {
    const at = free.findIndex((buffer) => buffer.length >= bytes);
    const [found] = at < 0 ? [] : free.splice(at, 1);
    if (!found) return Buffer.allocUnsafeSlow(Math.max(1, Math.ceil(bytes / stepBytes)) * stepBytes);
    keptBytes -= found.length;
    return found;
  };
  const giveBack = (buffer: Buffer): void => {
    if (keptBytes + buffer.length > keptBytesMax || free.includes(buffer)) return;
    keptBytes += buffer.length;
    free.push(buffer);
  };

  return {
    take,
    grow: (buffer, used, bytes) => {
      const larger = take(bytes);
      buffer.copy(larger, 0, 0, used);
      giveBack(buffer);
      return larger;
    },
    giveBack,
  };
}
