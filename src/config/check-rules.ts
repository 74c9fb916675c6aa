import type { ConfigIssue } from '../errors.ts';
import { nearest } from '../suggest.ts';
import { optionMistakes } from './check-options.ts';
import { entriesOf } from './entries.ts';
import type { Read } from './field-types.ts';
import type { Rule, Test } from './rules.ts';
import { shown } from './shown.ts';
import { timeAxis } from './time-axis.ts';

type Reads = Readonly<Record<string, Read<unknown>>>;

/** The mistakes among attributes that are right by themselves. What cannot be known yet is no mistake. */
export function checkRules(rules: readonly Rule[], reads: Reads, prefix: string): readonly ConfigIssue[] {
  return rules.flatMap((rule) => checkRule(rule, reads).map((issue) => ({ ...issue, path: `${prefix}${issue.path}` })));
}

function checkRule(rule: Rule, reads: Reads): readonly ConfigIssue[] {
  switch (rule.kind) {
    case 'together': {
      if (!rule.attributes.some((name) => isGiven(reads, name))) return [];
      return rule.attributes.filter((name) => !isGiven(reads, name)).map((path) => ({ path, message: rule.message }));
    }
    case 'exclusive':
      return rule.attributes
        .filter((name) => isGiven(reads, name))
        .slice(1)
        .map((path) => ({ path, message: rule.message, allowed: `one of ${rule.attributes.join(', ')}` }));
    case 'required':
      return !isGiven(reads, rule.attribute) && holds(rule.when, reads) ? [issueOf(rule)] : [];
    case 'refused':
      return isGiven(reads, rule.attribute) && holds(rule.when, reads) ? [issueOf(rule)] : [];
    case 'refused-in-entries':
      return entriesOf(reads, rule.entries)
        .filter(({ reads: own }) => rule.in.includes(String(own[rule.field]?.value)) && holds(rule.when, reads))
        .map(({ index }) => issueOf({ ...rule, attribute: `${rule.entries}[${index}].${rule.field}` }));
    case 'order': {
      const [first, second] = [reads[rule.first], reads[rule.second]];
      if (first?.state !== 'value' || second?.state !== 'value' || String(first.value) <= String(second.value)) return [];
      return [
        { path: rule.second, message: `${shown(second.value)} ${rule.message}`, allowed: `${String(first.value)} or later` },
      ];
    }
    case 'order-inherited':
      return orderInherited(rule, reads);
    case 'subset':
      return outside(reads[rule.attribute], reads[rule.of], rule.attribute, rule.message);
    case 'subset-of-entries':
      return entriesOf(reads, rule.entries).flatMap(({ index, reads: own }) =>
        outside(own[rule.field], reads[rule.of], `${rule.entries}[${index}].${rule.field}`, rule.message),
      );
    case 'keys': {
      const read = reads[rule.attribute];
      if (read?.state !== 'value' || !holds(rule.when, reads)) return [];
      return Object.keys(Object(read.value))
        .filter((key) => !rule.among.includes(key))
        .map((key) => {
          const suggestion = nearest(key, rule.among);
          return {
            path: `${rule.attribute}.${key}`,
            message: `${shown(key)} ${rule.message}`,
            allowed: rule.among.join(', '),
            ...(suggestion === undefined ? {} : { suggestion }),
          };
        });
    }
    case 'options':
      return holds(rule.when, reads) ? optionMistakes(rule, reads[rule.attribute]) : [];
    case 'one-of-each': {
      const read = reads[rule.entries];
      if (read?.state !== 'value') return [];
      const found = entriesOf(reads, rule.entries).map(({ reads: own }) => own[rule.field]);
      if (found.some((field) => field?.state === 'deferred')) return [];
      const right = rule.groups.every((group) => found.filter((field) => group.includes(String(field?.value))).length === 1);
      return right ? [] : [{ path: rule.entries, message: rule.message, allowed: rule.allowed }];
    }
  }
}

/** The texts of a list that another list does not have. */
function outside(
  list: Read<unknown> | undefined,
  whole: Read<unknown> | undefined,
  path: string,
  message: string,
): readonly ConfigIssue[] {
  if (list?.state !== 'value' || whole?.state !== 'value' || !Array.isArray(list.value) || !Array.isArray(whole.value)) return [];
  const members = new Set<unknown>(whole.value);
  const allowed = [...members].join(', ');
  return list.value.flatMap((text: unknown, index) =>
    members.has(text) ? [] : [{ path: `${path}[${index}]`, message: `${shown(text)} ${message}`, allowed }],
  );
}

function orderInherited(rule: Extract<Rule, { readonly kind: 'order-inherited' }>, reads: Reads): readonly ConfigIssue[] {
  return entriesOf(reads, rule.entries).flatMap(({ index, reads: own }) => {
    const name = [rule.first, rule.second].find((field) => own[field]?.state === 'value');
    const pair = [own[rule.first], own[rule.second]];
    if (name === undefined || pair.filter((read) => read?.state === 'absent').length !== 1) return [];
    const [first, second] = [rule.first, rule.second].map((field) => (field === name ? own[field] : reads[field]));
    if (first?.state !== 'value' || second?.state !== 'value' || String(first.value) <= String(second.value)) return [];
    const path = `${rule.entries}[${index}].${name}`;
    return [{ path, message: `${shown(first.value)} to ${shown(second.value)} ${rule.message}` }];
  });
}

function issueOf(rule: { readonly attribute: string; readonly message: string; readonly allowed?: string }): ConfigIssue {
  return { path: rule.attribute, message: rule.message, ...(rule.allowed === undefined ? {} : { allowed: rule.allowed }) };
}

/** A wrong value was given too: its own mistake is enough. */
function isGiven(reads: Reads, name: string): boolean {
  const state = reads[name]?.state;
  return state !== undefined && state !== 'absent';
}

function holds(tests: readonly Test[], reads: Reads): boolean {
  return tests.every((test) => {
    if ('timeAxis' in test) return test.timeAxis.includes(timeAxis(reads) ?? '');
    if ('given' in test) return isGiven(reads, test.attribute) === test.given;
    const read = reads[test.attribute];
    if (read === undefined || read.state === 'deferred' || read.state === 'invalid') return false;
    if ('in' in test) return test.in.includes(String(read.value));
    if ('notIn' in test) return !test.notIn.includes(String(read.value));
    return Array.isArray(read.value) && read.value.includes(test.includes);
  });
}
