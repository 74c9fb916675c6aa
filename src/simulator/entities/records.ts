import { notAcceptable, type Parameters } from '../parameters.ts';

/** A record's fields in the API's order, each with how its value is found. */
export type Fields<Subject> = Readonly<Record<string, (subject: Subject) => unknown>>;

/** Reads `fields` and `exclude_field_types_in_response`; gives back how to make a record. */
export function recordMaker<Subject>(
  fields: Fields<Subject>,
  parameters: Parameters,
  extras: readonly string[] = [],
): (subject: Subject) => Record<string, unknown> {
  const names = Object.keys(fields);
  const asked = parameters.texts('fields');
  if (asked?.some((name) => !names.includes(name)) === true) throw notAcceptable('fields', names);
  const chosen =
    asked === undefined || asked.length === 0
      ? names.filter((name) => !extras.includes(name))
      : names.filter((name) => asked.includes(name));
  const types = parameters.texts('exclude_field_types_in_response') ?? [];
  if (types.some((type) => type !== 'NULL_FIELD')) throw notAcceptable('exclude_field_types_in_response', ['NULL_FIELD']);
  const withoutNull = types.length > 0;
  return (subject) => {
    const record: Record<string, unknown> = {};
    for (const name of chosen) {
      const value = fields[name]?.(subject) ?? null;
      if (value !== null || !withoutNull) record[name] = value;
    }
    return record;
  };
}

/** Fields that are null in every record of this kind here. */
export function nulls(...names: readonly string[]): Readonly<Record<string, () => null>> {
  return Object.fromEntries(names.map((name) => [name, () => null]));
}

/** Fields with the same value in every record. */
export function same(values: Readonly<Record<string, unknown>>): Readonly<Record<string, () => unknown>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, () => value]));
}

/**
 * JSON text of `data`. These two ids are numbers in TikTok's answers although they are too large for the numbers of most
 * languages; everything else that is an id is a text.
 */
export function payloadText(payload: unknown): string {
  return JSON.stringify(payload).replace(/"(tracking_pixel_id|page_id)":"(\d+)"/g, '"$1":$2');
}
