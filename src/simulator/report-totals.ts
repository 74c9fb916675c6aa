import type { ReportQuery } from './report-query.ts';
import type { Section } from './report-section.ts';

/** JSON text of `total_metrics`: sums of what can be summed, `-` for all else. */
export function formatTotals(section: Section | undefined, query: ReportQuery, dashes: boolean): string {
  if (section === undefined) return '{}';
  if (dashes) return JSON.stringify(Object.fromEntries(query.metrics.map((name) => [name, '-'])));
  const { minorDigits } = section.account.profile;
  const sums = section.totals();
  const entries = query.metrics.map((name, index) => {
    const formula = section.plan.formulas[index];
    if (formula?.kind === 'count') return [name, String(sums[formula.atom] ?? 0)];
    if (formula?.kind === 'money') return [name, decimalText(sums[formula.atom] ?? 0, minorDigits)];
    return [name, '-'];
  });
  return JSON.stringify(Object.fromEntries(entries));
}

/** Minor units as a decimal text: 1468 with two digits is `14.68`. */
export function decimalText(minor: number, digits: number): string {
  if (digits === 0) return String(minor);
  const unit = 10 ** digits;
  return `${Math.floor(minor / unit)}.${String(minor % unit).padStart(digits, '0')}`;
}
