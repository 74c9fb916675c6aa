import type { OptionFacts } from '../destinations/options.ts';
import type { ConfigIssue } from '../errors.ts';
import { nearest } from '../suggest.ts';
import type { Read } from './field-types.ts';
import type { Rule } from './rules.ts';
import { isReference, toNumber } from './scalars.ts';
import { kindOf } from './shown.ts';

type OptionsRule = Extract<Rule, { readonly kind: 'options' }>;

/** Misspelt names and values of the wrong type. What holds a reference is right for now; no message shows a value, which may be a secret. */
export function optionMistakes(rule: OptionsRule, read: Read<unknown> | undefined): readonly ConfigIssue[] {
  const written = read?.state === 'deferred' ? read.written : read?.state === 'value' ? read.value : undefined;
  if (!isMapping(written)) return [];
  const { [rule.within]: inner, ...own } = written;
  const path = `${rule.attribute}.${rule.within}`;
  const issues = mistakesIn(rule, own, rule.attribute);
  if (isMapping(inner)) return [...issues, ...mistakesIn(rule, inner, path)];
  return inner === undefined || typeof inner === 'string'
    ? issues
    : [...issues, { path, message: 'is neither a text nor a mapping' }];
}

function mistakesIn(
  { options, otherNames, message }: OptionsRule,
  given: Readonly<Record<string, unknown>>,
  prefix: string,
): readonly ConfigIssue[] {
  const names = Object.keys(options);
  return Object.entries(given).flatMap(([name, value]) => {
    const path = `${prefix}.${name}`;
    const meant = Object.hasOwn(otherNames, name) ? otherNames[name] : name;
    const facts = typeof meant === 'string' && Object.hasOwn(options, meant) ? options[meant] : undefined;
    if (facts !== undefined) return valueMistakes(facts, value).map((mistake) => ({ path, message: mistake }));
    if (meant === null) return [];
    const suggestion = nearest(name, names);
    const issue = { path, message: `\`${name}\` ${message}`, allowed: names.join(', ') };
    return [suggestion === undefined ? issue : { ...issue, suggestion }];
  });
}

function valueMistakes({ type, choices, minimum, above }: OptionFacts, value: unknown): readonly string[] {
  if (isReference(value)) return [];
  if (type === 'text') {
    if (typeof value !== 'string') return [kindOf(value) === 'number' ? 'is no text: write it in quotes' : 'is no text'];
    return choices === undefined || choices.includes(value) ? [] : [`is none of ${choices.join(', ')}`];
  }
  const number = toNumber(value, type === 'integer');
  if (number === undefined) return [type === 'integer' ? 'is no whole number' : 'is no number'];
  if (minimum !== undefined && number < minimum) return [`is smaller than ${minimum}`];
  return above !== undefined && number <= above ? [`is not greater than ${above}`] : [];
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return kindOf(value) === 'mapping';
}
