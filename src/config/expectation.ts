import type { FieldDefinition } from './field-types.ts';

/** What a value should be, to complete "… is not". */
export function expectation(definition: FieldDefinition): string {
  return definition.expected ?? expectations[definition.kind];
}

const expectations = {
  text: 'a text that can be used here',
  enum: 'one of the allowed words',
  ids: 'an id',
  words: 'one of the allowed words',
  mapping: 'a mapping',
  date: 'a date',
  integer: 'a whole number that can be used here',
  number: 'a number that can be used here',
  boolean: 'true or false',
  entries: 'a list of mappings',
  any: 'a value',
} as const satisfies Record<FieldDefinition['kind'], string>;

/** What would be right, shortly; undefined where there is nothing to add. */
export function accepted(definition: FieldDefinition): string | undefined {
  if (definition.allowed !== undefined) return definition.allowed;
  if (definition.choices !== undefined) return definition.choices.join(', ');
  switch (definition.kind) {
    case 'date':
      return definition.hours === true
        ? 'YYYY-MM-DD, or YYYY-MM-DD-HH:00 for hourly partitions'
        : 'YYYY-MM-DD, such as 2024-01-31';
    case 'integer':
    case 'number':
      return range(definition);
    case 'boolean':
      return 'true, false';
    case 'mapping':
      return 'a YAML mapping, or JSON text with double quotes';
    default:
      return undefined;
  }
}

function range({ minimum, maximum }: FieldDefinition): string | undefined {
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (minimum !== undefined) return `${minimum} or more`;
  return maximum === undefined ? undefined : `${maximum} or less`;
}
