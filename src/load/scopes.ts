import type { Window } from '../table.ts';

/** Advertisers that share a window: one statement serves them all. */
export interface ScopeGroup {
  readonly advertiserIds: readonly string[];
  readonly window: Window | null;
}

/** Parameters that one statement may carry without coming near any warehouse's limit. */
const advertisersPerStatement = 500;

export function scopeGroups(
  scopes: readonly { readonly advertiserId: string; readonly window: Window | null }[],
): readonly ScopeGroup[] {
  const byWindow = new Map<string, { readonly window: Window | null; readonly ids: Set<string> }>();
  for (const { advertiserId, window } of scopes) {
    const key = window === null ? '' : `${window.start} ${window.end}`;
    const group = byWindow.get(key) ?? { window, ids: new Set<string>() };
    group.ids.add(advertiserId);
    byWindow.set(key, group);
  }
  return [...byWindow.values()].flatMap(({ window, ids }) =>
    inChunks([...ids], advertisersPerStatement).map((advertiserIds) => ({ advertiserIds, window })),
  );
}

export function inChunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}
