/** What the world needs to know of time zones. Remembers what it found: asking the calendar is slow. */
export interface Zones {
  /** The wall clock of a zone: days since 1970-01-01 and the hour. */
  readonly local: (zone: string, timeMs: number) => { readonly day: number; readonly hour: number };
  /** Which of the 24 hours of a local day exist; the hour that a change to summer time skips does not. */
  readonly hours: (zone: string, day: number) => readonly boolean[];
}

const hourMs = 3_600_000;
const everyHour: readonly boolean[] = Array.from({ length: 24 }, () => true);

export function createZones(): Zones {
  const formats = new Map<string, Intl.DateTimeFormat>();
  const hoursOfDay = new Map<string, readonly boolean[]>();

  function offsetMs(zone: string, timeMs: number): number {
    let format = formats.get(zone);
    if (format === undefined) {
      format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
      });
      formats.set(zone, format);
    }
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(timeMs)) part[type] = Number(value);
    const wall = Date.UTC(part['year'] ?? 0, (part['month'] ?? 1) - 1, part['day'], part['hour'], part['minute']);
    return wall - Math.floor(timeMs / 60_000) * 60_000;
  }

  function local(zone: string, timeMs: number): { day: number; hour: number } {
    const hour = Math.floor((timeMs + offsetMs(zone, timeMs)) / hourMs);
    return { day: Math.floor(hour / 24), hour: ((hour % 24) + 24) % 24 };
  }

  function hours(zone: string, day: number): readonly boolean[] {
    const noon = (day * 24 + 12) * hourMs;
    if (offsetMs(zone, noon - 24 * hourMs) === offsetMs(zone, noon + 24 * hourMs)) return everyHour;
    const key = `${zone} ${day}`;
    let found = hoursOfDay.get(key);
    if (found === undefined) {
      const seen = new Set<number>();
      for (let halfHour = -30; halfHour < 78; halfHour += 1) {
        const wall = local(zone, day * 24 * hourMs + halfHour * (hourMs / 2));
        if (wall.day === day) seen.add(wall.hour);
      }
      found = everyHour.map((_, hour) => seen.has(hour));
      hoursOfDay.set(key, found);
    }
    return found;
  }

  return { local, hours };
}
