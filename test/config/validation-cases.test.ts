import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attributes } from '../../src/config/attributes.ts';
import { checkAttributes } from '../../src/config/config.ts';
import type { FieldDefinition } from '../../src/config/field-types.ts';
import { readField } from '../../src/config/read.ts';
import type { ConfigIssue } from '../../src/errors.ts';

interface Cases {
  readonly cases: readonly { readonly title: string; readonly attributes: unknown; readonly issues: readonly ConfigIssue[] }[];
  readonly normalized: readonly { readonly attribute: string; readonly value: unknown; readonly normal: unknown }[];
}

// The same file is run by test/dagster/test_validation.py: TypeScript and Python must give the same issues in the same words.
const file = join(import.meta.dirname, '../fixtures/validation-cases.json');
const { cases, normalized } = JSON.parse(readFileSync(file, 'utf8')) as Cases; // The file is ours and checked in.

describe('checkAttributes', () => {
  it.each(cases)('says what is wrong with $title', ({ attributes: given, issues }) => {
    expect(checkAttributes(given)).toEqual(issues);
  });

  it('has a case for every attribute', () => {
    const used = new Set(cases.flatMap(({ attributes: given }) => Object.keys(given ?? {})));
    expect(Object.keys(attributes).filter((name) => !used.has(name))).toEqual([]);
  });
});

describe('readField', () => {
  it.each(normalized)('reads $attribute from $value', ({ attribute, value, normal }) => {
    const definition: FieldDefinition | undefined = Object.entries(attributes).find(([name]) => name === attribute)?.[1];
    if (definition === undefined) throw new Error(`no attribute ${attribute}`);
    expect(readField(definition, value, attribute, null).value ?? null).toEqual(normal);
  });
});
