import type { TableResult } from './pipeline.ts';
import type { PartitionWindow } from './plan/plan.ts';
import { addDays, joined } from './plan/window.ts';
import type { Window } from './table.ts';

/** The days that a run read again beyond its own partitions, because TikTok may have changed them since (ruling 4). */
export function restatedDays(result: TableResult, partitions: readonly PartitionWindow[] | null): readonly string[] {
  const own = joined((partitions ?? []).flatMap((partition) => (partition.window ? [partition.window] : [])));
  if (own.length === 0) return [];
  const read = joined(result.scopes.flatMap((scope) => (scope.window ? [scope.window] : [])));
  return read.flatMap(daysOf).filter((day) => !own.some((window) => window.start <= day && day <= window.end));
}

function daysOf(window: Window): readonly string[] {
  const days: string[] = [];
  for (let day = window.start; day <= window.end; day = addDays(day, 1)) days.push(day);
  return days;
}
