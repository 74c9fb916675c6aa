import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { RowLayout } from './rows.ts';
import type { StagedPage } from './staging.ts';

/**
 * A file of answers as received, waiting to be typed. `pages`: one wrapped answer a line. `records`: the records of one unit and pass,
 * one a line, the envelope cut off; DuckDB reads such a file in a third of the memory, since no list of a thousand records has to be unpacked.
 */
export type PageFile = { readonly path: string; readonly bytes: number; readonly lineBytesMax: number } & (
  | { readonly kind: 'pages' }
  | { readonly kind: 'records'; readonly unit: number; readonly pass: number }
);

/** The files that pages of one layout are written to. */
export interface PageFiles {
  /** Writes a page at once: it must not stay in this process's memory while it waits. Gives the bytes waiting in all. */
  readonly write: (page: StagedPage) => number;
  /** The first record of a page of report rows, for pages that were written as records since this was last asked. */
  readonly samples: () => readonly Readonly<Record<string, unknown>>[];
  /** Ends the files that are full and gives them away. */
  readonly takeFull: () => readonly PageFile[];
  /** Ends all files and gives them away. */
  readonly take: () => readonly PageFile[];
}

interface Open {
  readonly path: string;
  readonly descriptor: number;
  bytes: number;
  lineBytesMax: number;
  readonly kind: PageFile['kind'];
  readonly unit: number;
  readonly pass: number;
}

/** Pages with fewer records are not worth a file of their own. */
const recordsMin = 200;
/** DuckDB parses up to 2048 objects, or all pages of a file, at once, in many times their size: of entities 16 MB need more memory than a run has. */
const objectsBytesMax = 3 * 1024 * 1024;

/** `fileBytes`: from this size on a file is full. */
export function createPageFiles(directory: string, layout: RowLayout, fileBytes: number): PageFiles {
  const open = new Map<string, Open>();
  let full: Open[] = [];
  let samples: Readonly<Record<string, unknown>>[] = [];
  let waiting = 0;
  let opened = 0;

  const fileFor = (key: string, kind: PageFile['kind'], page: StagedPage): Open => {
    const known = open.get(key);
    if (known) return known;
    opened += 1;
    const path = join(directory, `${layout.name}-${opened}.ndjson`);
    const file: Open = {
      path,
      descriptor: openSync(path, 'w', 0o600),
      bytes: 0,
      lineBytesMax: 0,
      kind,
      unit: page.unit,
      pass: page.pass,
    };
    open.set(key, file);
    return file;
  };

  /** The open file of this key, or a new one where that holds more bytes than these already. */
  const fileWithRoom = (key: string, kind: PageFile['kind'], page: StagedPage, bytesBefore: number): Open => {
    const known = open.get(key);
    if (known && known.bytes > Math.max(0, bytesBefore)) retire(key, known);
    return fileFor(key, kind, page);
  };

  const retire = (key: string, file: Open): void => {
    open.delete(key);
    full.push(file);
  };

  const given = (): readonly PageFile[] => {
    const files = full;
    full = [];
    waiting -= files.reduce((sum, file) => sum + file.bytes, 0);
    for (const file of files) closeSync(file.descriptor);
    return files.map(({ path, bytes, lineBytesMax, kind, unit, pass }) =>
      kind === 'pages' ? { kind, path, bytes, lineBytesMax } : { kind, path, bytes, lineBytesMax, unit, pass },
    );
  };

  const frame = (page: StagedPage): FramedRecords | null =>
    layout.framing === 'report-rows'
      ? frameRecords(page.body, layout.records, page.records)
      : frameObjects(page.body, layout.records, page.records);

  return {
    write: (page) => {
      const records = page.records >= recordsMin ? frame(page) : null;
      if (records) {
        const bytesMax = layout.framing === 'objects' ? objectsBytesMax : Number.POSITIVE_INFINITY;
        for (const lines of linesUpTo(records.lines, bytesMax)) {
          const file = fileWithRoom(`${page.unit}/${page.pass}`, 'records', page, bytesMax - lines.length);
          writeSync(file.descriptor, lines);
          writeSync(file.descriptor, '\n');
          file.lineBytesMax = Math.max(file.lineBytesMax, records.lineBytesMax);
          file.bytes += lines.length;
          waiting += lines.length;
        }
        if (records.first) samples.push(records.first);
      } else {
        const file = fileWithRoom('pages', 'pages', page, objectsBytesMax - page.body.length);
        const bytes = wrap(page).reduce((sum, part) => sum + writeSync(file.descriptor, part), 0);
        file.lineBytesMax = Math.max(file.lineBytesMax, bytes);
        file.bytes += bytes;
        waiting += bytes;
      }
      return waiting;
    },
    samples: () => {
      const given = samples;
      samples = [];
      return given;
    },
    takeFull: () => {
      if (waiting < fileBytes) return [];
      for (const [key, file] of open) if (file.bytes >= fileBytes) retire(key, file);
      // Small full ones are given away together, as many as make a large one.
      return full.reduce((sum, file) => sum + file.bytes, 0) >= fileBytes ? given() : [];
    },
    take: () => {
      for (const [key, file] of open) retire(key, file);
      return given();
    },
  };
}

interface FramedRecords {
  readonly lines: Buffer;
  readonly lineBytesMax: number;
  /** Null where each record has keys of its own, so that one says little of the others. */
  readonly first: Readonly<Record<string, unknown>> | null;
}

/** Between two report rows, `{"dimensions":{…},"metrics":{…}}`, stands exactly this; inside a text a quote would have a backslash before it. */
const between = Buffer.from('}},{"');
const closingBrace = 125;

/**
 * Cuts a page of report rows into lines by putting a line break in place of each comma between two records, in the received bytes themselves.
 * Null where that does not give as many records as the page has (other white space, or a text that looks like the separator): the page is
 * then read whole. The bytes are as they were in that case.
 */
function frameRecords(body: Buffer, field: string, count: number): FramedRecords | null {
  const head = `"${field}":[`;
  const start = body.indexOf(head);
  const end = body.lastIndexOf(']');
  // The last bracket ends the records only if a record stands before it: a message further behind may hold one too.
  const endsRecord = body[end - 1] === closingBrace && body[end - 2] === closingBrace;
  if (start < 0 || end < start || !endsRecord || body.includes(10)) return null;
  const first = start + head.length;
  const cuts: number[] = [];
  for (let at = body.indexOf(between, first); at >= 0 && at < end; at = body.indexOf(between, at + between.length - 1))
    cuts.push(at + 2);
  if (cuts.length + 1 !== count) return null;
  const sample = firstRecord(body, first, cuts[0] ?? end);
  return sample && cutLines(body, first, end, cuts, sample);
}

/** Puts a line break in place of each comma between two records. */
function cutLines(
  body: Buffer,
  first: number,
  end: number,
  cuts: readonly number[],
  sample: Readonly<Record<string, unknown>> | null,
): FramedRecords {
  let lineBytesMax = 0;
  let lineStart = first;
  for (const cut of cuts) {
    body[cut] = 10;
    lineBytesMax = Math.max(lineBytesMax, cut - lineStart);
    lineStart = cut + 1;
  }
  return { lines: body.subarray(first, end), lineBytesMax: Math.max(lineBytesMax, end - lineStart), first: sample };
}

/** Lines in parts of at most so many bytes each, unless a line alone is longer. */
function linesUpTo(lines: Buffer, bytesMax: number): readonly Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  while (lines.length - from > bytesMax) {
    const before = lines.lastIndexOf(10, from + bytesMax);
    const end = before > from ? before : lines.indexOf(10, from);
    if (end < 0) break;
    parts.push(lines.subarray(from, end));
    from = end + 1;
  }
  return [...parts, lines.subarray(from)];
}

const [quote, comma, backslash, opening, closing] = [...'",\\[]'].map((character) => character.charCodeAt(0));
const openingBrace = 123;

/** The same for a list of any objects: it is walked through, text by text and bracket by bracket, to find the commas between them. */
function frameObjects(body: Buffer, field: string, count: number): FramedRecords | null {
  const head = `"${field}":[`;
  const start = body.indexOf(head);
  if (start < 0 || body.includes(10)) return null;
  const first = start + head.length;
  const cuts: number[] = [];
  let depth = 0;
  for (let at = first; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === quote) at = endOfText(body, at + 1);
    else if (byte === openingBrace || byte === opening) depth += 1;
    else if (byte === comma && depth === 0) cuts.push(at);
    else if (byte === closing && depth === 0) return cuts.length + 1 === count ? cutLines(body, first, at, cuts, null) : null;
    else if (byte === closingBrace || byte === closing) depth -= 1;
  }
  return null;
}

/** Where the quote is that ends a text: one with an even number of backslashes before it. */
function endOfText(body: Buffer, from: number): number {
  for (let at = body.indexOf(34, from); at >= 0; at = body.indexOf(34, at + 1)) {
    let before = at;
    while (body[before - 1] === backslash) before -= 1;
    if ((at - before) % 2 === 0) return at;
  }
  return body.length;
}

function firstRecord(body: Buffer, start: number, end: number): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8', start, end));
    // Anything but an object would not have the separators of report rows.
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}

/** One line a page: `{"u":unit,"p":pass,"n":page,"body":…}`. A raw line break between JSON tokens would end the line early; it is white space. */
function wrap(page: StagedPage): readonly Buffer[] {
  const hasBreaks = page.body.includes(10) || page.body.includes(13);
  const body = hasBreaks ? Buffer.from(page.body.toString('utf8').replaceAll(/[\r\n]/g, ' '), 'utf8') : page.body;
  return [Buffer.from(`{"u":${page.unit},"p":${page.pass},"n":${page.page},"body":`), body, Buffer.from('}\n')];
}
