import { kindOf } from './shown.ts';

/** Whether a text holds what only a run's environment, or Dagster, resolves. */
export function isReference(value: unknown): boolean {
  return typeof value === 'string' && (value.includes('${') || value.includes('{{'));
}

/** Texts and numbers as trimmed text. */
export function toText(value: unknown): string | undefined {
  const kind = kindOf(value);
  // A longer whole number has lost digits already: nothing can be made of it.
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) return undefined;
  return kind === 'text' || kind === 'number' ? String(value).trim() : undefined;
}

/** A number, also as YAML or an environment variable spells it in a text; undefined if it is none, or not whole where it has to be. */
export function toNumber(value: unknown, whole: boolean): number | undefined {
  const text = toText(value)?.replaceAll('_', '');
  if (text === undefined || !/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) && (!whole || Number.isSafeInteger(number)) ? number : undefined;
}
