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
  /** The first record of a page, for pages that were written as records since this was last asked. */
  readonly samples: () => readonly Readonly<Record<string, unknown>>[];
  /** Ends the files and gives them away. */
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
/** DuckDB unpacks all pages of such a file at once: 16 MB of them need more memory than a run has, 4 MB do not. */
const pagesBytesMax = 4 * 1024 * 1024;

export function createPageFiles(directory: string, layout: RowLayout): PageFiles {
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

  return {
    write: (page) => {
      const records =
        layout.framing === 'report-rows' && page.records >= recordsMin
          ? frameRecords(page.body, layout.records, page.records)
          : null;
      if (records) {
        const file = fileFor(`${page.unit}/${page.pass}`, 'records', page);
        writeSync(file.descriptor, records.lines);
        writeSync(file.descriptor, '\n');
        file.lineBytesMax = Math.max(file.lineBytesMax, records.lineBytesMax);
        samples.push(records.first);
        file.bytes += records.lines.length;
        waiting += records.lines.length;
      } else {
        const before = open.get('pages');
        if (before && before.bytes + page.body.length > pagesBytesMax) {
          open.delete('pages');
          full.push(before);
        }
        const file = fileFor('pages', 'pages', page);
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
    take: () => {
      const files = [...full, ...open.values()];
      open.clear();
      full = [];
      waiting = 0;
      for (const file of files) closeSync(file.descriptor);
      return files.map(({ path, bytes, lineBytesMax, kind, unit, pass }) =>
        kind === 'pages' ? { kind, path, bytes, lineBytesMax } : { kind, path, bytes, lineBytesMax, unit, pass },
      );
    },
  };
}

interface FramedRecords {
  readonly lines: Buffer;
  readonly lineBytesMax: number;
  readonly first: Readonly<Record<string, unknown>>;
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
  if (!sample) return null;
  let lineBytesMax = 0;
  let lineStart = first;
  for (const cut of cuts) {
    body[cut] = 10;
    lineBytesMax = Math.max(lineBytesMax, cut - lineStart);
    lineStart = cut + 1;
  }
  return { lines: body.subarray(first, end), lineBytesMax: Math.max(lineBytesMax, end - lineStart), first: sample };
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
