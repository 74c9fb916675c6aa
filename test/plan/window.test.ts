import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, chunks, dateIn, dateOf, dayNumber, daysIn, halves, isTimeZone, joined } from '../../src/plan/window.ts';

const anyDay = fc.integer({ min: 17_000, max: 25_000 }).map(dateOf);
const anyWindow = fc
  .tuple(anyDay, fc.integer({ min: 0, max: 800 }))
  .map(([start, days]) => ({ start, end: addDays(start, days) }));

describe('dates', () => {
  it('counts days across leap days and years', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(addDays('2024-12-31', 1)).toBe('2025-01-01');
    expect(addDays('2024-03-01', -1)).toBe('2024-02-29');
    expect(daysIn({ start: '2024-01-01', end: '2024-12-31' })).toBe(366);
  });

  it.each(['2024-02-30', '2023-02-29', '2024-13-01', '24-01-01', '2024-1-1', '2024-01-01T00:00', ''])('refuses %j', (text) => {
    expect(() => dayNumber(text)).toThrow(RangeError);
  });
});

describe('chunks', () => {
  it.each([
    ['2024-01-01', '2024-01-30', 1],
    ['2024-01-01', '2024-01-31', 2],
    ['2023-01-01', '2023-12-31', 13],
    ['2024-01-01', '2024-12-31', 13],
    ['2024-01-01', '2024-01-01', 1],
  ])('cuts %s to %s into %i of at most 30 days', (start, end, count) => {
    expect(chunks({ start, end }, 30)).toHaveLength(count);
  });

  it('gives nothing for a window that ends before it starts', () => {
    expect(chunks({ start: '2024-01-02', end: '2024-01-01' }, 30)).toEqual([]);
  });

  it('covers each day of the window once, in order', () => {
    fc.assert(
      fc.property(anyWindow, fc.integer({ min: 1, max: 400 }), (window, daysMax) => {
        const pieces = chunks(window, daysMax);
        expect(pieces.every((piece) => daysIn(piece) >= 1 && daysIn(piece) <= daysMax)).toBe(true);
        expect(pieces.reduce((sum, piece) => sum + daysIn(piece), 0)).toBe(daysIn(window));
        expect(joined(pieces)).toEqual([window]);
        for (const [at, piece] of pieces.entries()) if (at > 0) expect(piece.start).toBe(addDays(pieces[at - 1]?.end ?? '', 1));
      }),
    );
  });
});

describe('halves', () => {
  it('splits two days into one and one, and one day not at all', () => {
    expect(halves({ start: '2024-02-28', end: '2024-02-29' })).toEqual([
      { start: '2024-02-28', end: '2024-02-28' },
      { start: '2024-02-29', end: '2024-02-29' },
    ]);
    expect(halves({ start: '2024-02-29', end: '2024-02-29' })).toBeNull();
  });

  it('gives two windows that together are the whole and differ by at most a day', () => {
    fc.assert(
      fc.property(
        anyWindow.filter((window) => daysIn(window) > 1),
        (window) => {
          const [first, second] = halves(window) ?? [];
          if (!first || !second) throw new Error('two days can be halved');
          expect(joined([second, first])).toEqual([window]);
          expect(Math.abs(daysIn(first) - daysIn(second))).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe('joined', () => {
  it('joins windows that touch or overlap and keeps those with a gap', () => {
    expect(
      joined([
        { start: '2024-01-10', end: '2024-01-12' },
        { start: '2024-01-01', end: '2024-01-03' },
        { start: '2024-01-04', end: '2024-01-05' },
        { start: '2024-01-02', end: '2024-01-02' },
      ]),
    ).toEqual([
      { start: '2024-01-01', end: '2024-01-05' },
      { start: '2024-01-10', end: '2024-01-12' },
    ]);
  });

  it('holds exactly the days that any of the windows holds', () => {
    const days = (windows: readonly { start: string; end: string }[]): readonly string[] => [
      ...new Set(windows.flatMap(({ start, end }) => chunks({ start, end }, 1).map((day) => day.start))),
    ];
    fc.assert(
      fc.property(
        fc.array(
          anyWindow.filter((window) => daysIn(window) < 50),
          { maxLength: 8 },
        ),
        (windows) => {
          const result = joined(windows);
          expect(days(result)).toEqual(days(windows).toSorted());
          for (const [at, window] of result.entries())
            if (at > 0) expect(window.start > addDays(result[at - 1]?.end ?? '', 1)).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('dateIn', () => {
  it('reads POSIX signs: Etc/GMT+8 is eight hours behind UTC', () => {
    expect(dateIn('Etc/GMT+8', Date.parse('2026-03-01T07:59:59Z'))).toBe('2026-02-28');
    expect(dateIn('Etc/GMT+8', Date.parse('2026-03-01T08:00:00Z'))).toBe('2026-03-01');
    expect(dateIn('Etc/GMT-8', Date.parse('2026-02-28T16:00:00Z'))).toBe('2026-03-01');
  });

  it('follows daylight saving time in Auckland and Los Angeles', () => {
    expect(dateIn('Pacific/Auckland', Date.parse('2026-01-15T11:00:00Z'))).toBe('2026-01-16');
    expect(dateIn('Pacific/Auckland', Date.parse('2026-07-15T11:30:00Z'))).toBe('2026-07-15');
    expect(dateIn('America/Los_Angeles', Date.parse('2026-03-08T07:30:00Z'))).toBe('2026-03-07');
    expect(dateIn('America/Los_Angeles', Date.parse('2026-03-09T07:30:00Z'))).toBe('2026-03-09');
  });

  it('counts an unknown zone as UTC, which isTimeZone tells', () => {
    expect(isTimeZone('Mars/Olympus')).toBe(false);
    expect(isTimeZone('Asia/Kolkata')).toBe(true);
    expect(dateIn('Mars/Olympus', Date.parse('2026-03-01T23:59:00Z'))).toBe('2026-03-01');
  });
});
