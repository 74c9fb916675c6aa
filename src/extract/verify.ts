import type { TablePlan } from '../plan/task.ts';
import type { ReadUnit } from './extract.ts';
import { countHashes, countHours, countRows } from './select.ts';
import type { Staging } from './staging.ts';

/**
 * Units whose rows are not what the API counted: too few, too many, or one key twice, because entities came or went between two
 * pages. Pairs of unit and reason.
 */
export async function unsoundUnits(
  staging: Staging,
  plan: TablePlan,
  units: readonly ReadUnit[],
): Promise<readonly (readonly [number, string])[]> {
  const found: [number, string][] = [];
  for (const layout of plan.layouts) {
    const keys = keysOf(plan, layout.name);
    const asked = units.filter((unit) => [...unit.expected.keys()].some((key) => key.startsWith(`${layout.name}/`)));
    if (asked.length === 0) continue;
    const numbers = asked.map((unit) => unit.unit);
    const count = async (sql: typeof countRows): Promise<readonly Counted[]> =>
      (await staging.rows(sql(layout.name, keys, numbers))).map((row) => ({
        name: `${row['_unit']}/${row['_pass']}`,
        rows: Number(row['rows']),
        keys: Number(row['keys']),
      }));
    const hashed = repeatsHours(plan) ? await count(countHours) : await count(countHashes);
    const isExact = repeatsHours(plan) || hashed.every((one) => one.keys === one.rows);
    const byPass = new Map((isExact ? hashed : await count(countRows)).map((one) => [one.name, one]));
    for (const unit of asked) {
      for (const [key, expected] of unit.expected) {
        const [name, pass] = key.split('/');
        if (name !== layout.name) continue;
        const actual = byPass.get(`${unit.unit}/${pass}`) ?? { rows: 0, keys: 0 };
        if (expected < 0) found.push([unit.unit, 'the number of records changed between two pages']);
        else if (actual.rows !== expected) found.push([unit.unit, `${expected} records announced, ${actual.rows} received`]);
        else if (actual.keys !== actual.rows) found.push([unit.unit, `${actual.rows - actual.keys} records came twice`]);
      }
    }
  }
  return found;
}

interface Counted {
  readonly name: string;
  readonly rows: number;
  readonly keys: number;
}

function keysOf(plan: TablePlan, layoutName: string): readonly string[] {
  switch (plan.source.kind) {
    case 'report':
      return plan.source.report.dimensions;
    case 'resource': {
      const { resource } = plan.source;
      const own = resource.primaryKey.filter((name) => name in resource.columns);
      // A companion's own id is among the few fields that are asked for.
      return layoutName === `rows_${resource.name}` ? own : Object.keys(resource.companion?.fields ?? {});
    }
  }
}

/** Where clocks are set back, an account's hour occurs twice. */
export function repeatsHours(plan: TablePlan): boolean {
  return plan.source.kind === 'report' && plan.source.report.spec.granularity === 'hour';
}
