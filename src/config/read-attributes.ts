import type { ConfigIssue } from '../errors.ts';
import { attributeRules } from './attribute-rules.ts';
import { attributes } from './attributes.ts';
import { notYet } from './availability.ts';
import { checkRules } from './check-rules.ts';
import type { FieldDefinition, Read, ValueOfKind } from './field-types.ts';
import { readFields } from './read.ts';
import type { Environment } from './references.ts';
import { checkReports } from './reports.ts';
import { kindOf, shown } from './shown.ts';

/** The type an attribute has after reading: the words of an `enum` stay themselves. */
type ValueOf<D extends FieldDefinition> = D extends { readonly kind: 'enum'; readonly choices: readonly (infer Choice)[] }
  ? Choice
  : D extends { readonly kind: 'words'; readonly choices: readonly (infer Choice)[] }
    ? readonly Choice[]
    : ValueOfKind[D['kind']];

export type AttributeReads = { readonly [Name in keyof typeof attributes]: Read<ValueOf<(typeof attributes)[Name]>> };

/** Reads and checks everything. Without an environment, what holds a reference passes. Never throws. */
export function readAttributes(
  given: unknown,
  environment: Environment | null,
): { readonly reads: AttributeReads; readonly issues: readonly ConfigIssue[] } {
  const wrongShape = kindOf(given) !== 'mapping';
  const mapping = wrongShape ? {} : (given as Readonly<Record<string, unknown>>); // kindOf has just said that it is one.
  const { reads: plain, issues } = readFields(attributes, mapping, '', environment);
  const reads = plain as AttributeReads; // readField gives each kind its type; the table says which kind a name has.
  if (wrongShape) {
    return {
      reads,
      issues: [{ path: 'attributes', message: `${shown(given)} is not a mapping`, allowed: 'a mapping of attributes' }],
    };
  }
  return { reads, issues: [...issues, ...unavailable(plain), ...checkRules(attributeRules, plain, ''), ...checkReports(reads)] };
}

function unavailable(reads: Readonly<Record<string, Read<unknown>>>): readonly ConfigIssue[] {
  return Object.entries(notYet).flatMap(([key, reason]) => {
    const [path = key, value] = key.split('=');
    const read = reads[path];
    if (read === undefined || read.state === 'absent') return [];
    if (value === undefined) return [{ path, message: `is not available yet: ${reason}` }];
    const has = Array.isArray(read.value) ? read.value.includes(value) : read.state === 'value' && String(read.value) === value;
    return has ? [{ path, message: `${shown(value)} is not available yet: ${reason}` }] : [];
  });
}
