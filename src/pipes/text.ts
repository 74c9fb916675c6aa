/** The most bytes one line should have: beyond it Dagster's file reader now and then sees half a line and stops for good. */
export const lineBytesMax = 16_384;

/** What the envelope around a text may take of `lineBytesMax`. */
const envelopeBytes = 256;

/** The most bytes one text may take, after escaping, so that its line fits. */
export const textBytesMax = lineBytesMax - envelopeBytes;

/** The text itself, or its beginning with a note of its full length if it would take more than `bytesMax` in a message. */
export function cutText(text: string, bytesMax: number = textBytesMax): string {
  if (fittingLength(text, 0, bytesMax) === text.length) return text;
  const note = ` ... [cut: ${text.length} characters in all]`;
  return text.slice(0, fittingLength(text, 0, bytesMax - note.length)) + note;
}

/** The text in as few pieces as keep each below `bytesMax` in a message; no pieces for an empty text. */
export function splitText(text: string, bytesMax: number = textBytesMax): readonly string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = fittingLength(text, start, bytesMax);
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}

/** Where a piece that begins at `start` has to end: never inside a surrogate pair, always past at least one character. */
function fittingLength(text: string, start: number, bytesMax: number): number {
  let bytes = 0;
  let position = start;
  while (position < text.length) {
    const code = text.codePointAt(position) ?? 0;
    const units = code > 0xffff ? 2 : 1;
    bytes += escapedBytes(code);
    if (bytes > bytesMax && position > start) break;
    position += units;
  }
  return position;
}

/** Bytes that a character takes in ASCII-only JSON. */
function escapedBytes(code: number): number {
  if (code > 0xffff) return 12;
  if (code >= 0x7f) return 6;
  if (code >= 0x20) return code === 0x22 || code === 0x5c ? 2 : 1;
  return code >= 0x08 && code <= 0x0d && code !== 0x0b ? 2 : 6;
}
