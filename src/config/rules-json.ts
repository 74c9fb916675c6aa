import { rulesData } from '../tiktok/report-rules-json.ts';
import { attributeRules } from './attribute-rules.ts';
import { attributes } from './attributes.ts';
import { notYet } from './availability.ts';
import { timePartitionTypes } from './choices.ts';
import { accepted, expectation } from './expectation.ts';
import type { FieldDefinition } from './field-types.ts';
import { defaultBreakdowns } from './reports.ts';

/** All that Python's validation reads: the same attributes, rules and catalogue as here, as JSON. */
export function rulesJson(): Readonly<Record<string, unknown>> {
  return {
    attributes: fieldsJson(attributes),
    rules: attributeRules,
    notYet,
    defaultBreakdowns,
    timePartitionTypes,
    catalogue: rulesData(),
  };
}

function fieldsJson(fields: Readonly<Record<string, FieldDefinition>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, definition]) => {
      const { fields: inner, ...plain } = definition;
      const words = { expected: expectation(definition), allowed: accepted(definition) };
      return [name, { ...plain, ...words, ...(inner === undefined ? {} : { fields: fieldsJson(inner) }) }];
    }),
  );
}
