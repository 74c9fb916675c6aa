import type { FaultEffect, FaultRule } from './fault-rules.ts';
import { faultSchema } from './fault-rules.ts';

export interface FaultRequest {
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly accessToken: string | undefined;
}

export interface Faults {
  /** The effects of all rules that hit this request, in their order. */
  readonly hit: (request: FaultRequest) => readonly { readonly name: string; readonly effect: FaultEffect }[];
  /** Adds rules behind those there are. Throws a ZodError for wrong ones. */
  readonly add: (rules: readonly unknown[]) => void;
  readonly clear: () => void;
  readonly read: () => readonly (FaultRule & { readonly matched: number; readonly hits: number })[];
}

export function createFaults(initial: readonly FaultRule[]): Faults {
  const start = (rule: FaultRule) => ({ rule, matched: 0, hits: 0 });
  let live = initial.map(start);

  function hit(request: FaultRequest): readonly { name: string; effect: FaultEffect }[] {
    const effects: { name: string; effect: FaultEffect }[] = [];
    for (const state of live) {
      const { rule } = state;
      if (!matches(rule, request)) continue;
      if (rule.times !== undefined && state.hits >= rule.times) continue;
      state.matched += 1;
      if (state.matched <= rule.after || (state.matched - rule.after - 1) % rule.every !== 0) continue;
      state.hits += 1;
      effects.push({ name: rule.name ?? rule.effect.kind, effect: rule.effect });
    }
    return effects;
  }

  return {
    hit,
    add: (rules) => {
      live = [...live, ...rules.map((rule) => start(faultSchema.parse(rule)))];
    },
    clear: () => {
      live = [];
    },
    read: () => live.map(({ rule, matched, hits }) => ({ ...rule, matched, hits })),
  };
}

function matches({ match, effect }: FaultRule, { path, parameters, accessToken }: FaultRequest): boolean {
  if (match.path !== undefined && match.path !== path) return false;
  if (match.accessToken !== undefined && match.accessToken !== accessToken) return false;
  if (match.page !== undefined && String(match.page) !== (parameters['page'] ?? '1')) return false;
  if (match.advertiserId !== undefined && !advertisersOf(parameters).includes(match.advertiserId)) return false;
  for (const [name, value] of Object.entries(match.parameters ?? {})) if (parameters[name] !== value) return false;
  if (effect.kind === 'invalid-metric') return parameters['metrics']?.includes(JSON.stringify(effect.metric)) === true;
  if (effect.kind === 'too-large') return daysOf(parameters) > effect.maxDays;
  return true;
}

function advertisersOf(parameters: Readonly<Record<string, string>>): readonly string[] {
  return [parameters['advertiser_id'] ?? '', ...(parameters['advertiser_ids']?.match(/\d+/g) ?? [])];
}

function daysOf(parameters: Readonly<Record<string, string>>): number {
  const { start_date: start, end_date: end } = parameters;
  return start === undefined || end === undefined ? 0 : (Date.parse(end) - Date.parse(start)) / 86_400_000 + 1;
}
