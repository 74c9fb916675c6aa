import { buildSection, type Section, type SectionOptions } from './report-section.ts';

/** Remembers which rows a report has while its pages are read. */
export interface ReportCache {
  readonly section: (options: SectionOptions) => Section;
  readonly clear: () => void;
}

/** Rows remembered at most, 8 bytes each. */
const rowsKeptMax = 6_000_000;

/** After this many days numbers no longer change. */
const settledDays = 30;

export function createReportCache(): ReportCache {
  const sections = new Map<string, Section>();
  let rowsKept = 0;

  function section(options: SectionOptions): Section {
    const { account, query, clock, idsMax } = options;
    const isSettled = query.days !== null && clock.today - query.days.end > settledDays;
    const time = isSettled ? 'settled' : `${clock.today} ${clock.hoursOfToday} ${clock.spendSettledDay}`;
    const key = `${account.id} ${account.version} ${time} ${idsMax} ${JSON.stringify(query)}`;
    let found = sections.get(key);
    if (found !== undefined) {
      sections.delete(key);
      sections.set(key, found);
      return found;
    }
    found = buildSection(options);
    sections.set(key, found);
    rowsKept += weight(found);
    for (const [oldKey, old] of sections) {
      if (rowsKept <= rowsKeptMax || oldKey === key) break;
      sections.delete(oldKey);
      rowsKept -= weight(old);
    }
    return found;
  }

  return {
    section,
    clear: () => {
      sections.clear();
      rowsKept = 0;
    },
  };
}

/** Rows, and the memory a section takes beside them. */
function weight(section: Section): number {
  return section.codes.length + section.groups.ordinals.length * 2 + 2_000;
}
