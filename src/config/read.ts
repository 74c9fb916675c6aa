import type { ConfigIssue } from '../errors.ts';
import { nearest } from '../suggest.ts';
import { checkRules } from './check-rules.ts';
import { accepted, expectation } from './expectation.ts';
import type { Entry, FieldDefinition, Read } from './field-types.ts';
import { type Environment, expand, unwrapLiteral } from './references.ts';
import { isReference, toNumber, toText } from './scalars.ts';
import { kindOf, shown } from './shown.ts';

/**
 * Reads one attribute as YAML gave it, or as Dagster's evaluation of YAML texts made it (numbers, lists, mappings). With an environment,
 * references are resolved; without one, what holds a reference is accepted as it stands. Never throws: mistakes are in `issues`.
 */
export function readField(
  definition: FieldDefinition,
  given: unknown,
  path: string,
  environment: Environment | null,
): Read<unknown> {
  const value = unwrapLiteral(given, environment);
  if (value === null || value === undefined) return absent(definition, path);
  if (typeof value !== 'string') return readPlain(definition, value, { path, environment, source: value });
  // Parsed before its references are resolved: what a variable holds can then never break the JSON around it.
  const structure = definition.kind === 'mapping' || definition.kind === 'entries' ? parseJson(value) : undefined;
  if (typeof structure === 'object' && structure !== null)
    return readPlain(definition, structure, { path, environment, source: structure });
  const expansion = expand(value, environment);
  if (expansion.kind === 'deferred') return { state: 'deferred', value: undefined, issues: [] };
  if (expansion.kind === 'missing') return invalid(expansion.names.map((name) => missingVariable(path, name)));
  if (expansion.kind === 'malformed') return invalid([malformed(definition, value, path, expansion.mark)]);
  if (expansion.text.trim() === '') return absent(definition, path);
  return readPlain(definition, expansion.text.trim(), { path, environment, source: value });
}

interface Place {
  readonly path: string;
  readonly environment: Environment | null;
  /** What the user wrote; it is what messages show, so that nothing from the environment is printed. */
  readonly source: unknown;
}

function readPlain(definition: FieldDefinition, value: unknown, place: Place): Read<unknown> {
  switch (definition.kind) {
    case 'any':
      return found(value);
    case 'text':
    case 'enum':
    case 'date':
    case 'integer':
    case 'number':
    case 'boolean': {
      const scalar = readScalar(definition, value);
      return scalar === undefined ? invalid([wrong(definition, value, place)]) : found(scalar);
    }
    case 'ids':
    case 'words':
      return readList(definition, value, place);
    case 'mapping':
      return readMapping(definition, value, place);
    case 'entries':
      return readEntries(definition, value, place);
  }
}

/** The value in its normal form, or undefined if it is none. */
function readScalar(definition: FieldDefinition, value: unknown): string | number | boolean | undefined {
  switch (definition.kind) {
    case 'integer':
    case 'number': {
      const number = toNumber(value, definition.kind === 'integer');
      if (number === undefined) return undefined;
      return number >= (definition.minimum ?? -Infinity) && number <= (definition.maximum ?? Infinity) ? number : undefined;
    }
    case 'boolean':
      return toBoolean(value);
    case 'date': {
      const text = toText(value);
      return text === undefined ? undefined : toDate(text, definition.hours === true);
    }
    case 'enum': {
      const text = toText(value);
      return definition.choices?.find((choice) => choice === text);
    }
    default: {
      const text = toText(value);
      return text !== undefined && matches(definition.pattern, text) ? text : undefined;
    }
  }
}

function readList(definition: FieldDefinition, value: unknown, place: Place): Read<unknown> {
  const list = toList(value);
  if (list === undefined) return invalid([wrong(definition, value, place)]);
  const texts: string[] = [];
  const issues: ConfigIssue[] = [];
  let deferred = false;
  let index = 0;
  for (const item of list) {
    const expansion = typeof item === 'string' ? expand(item, place.environment) : undefined;
    if (expansion?.kind === 'deferred') {
      deferred = true;
      index += 1;
      continue;
    }
    if (expansion?.kind === 'missing') {
      issues.push(...expansion.names.map((name) => missingVariable(`${place.path}[${index}]`, name)));
      index += 1;
      continue;
    }
    if (expansion?.kind === 'malformed') {
      issues.push(malformed(definition, item, `${place.path}[${index}]`, expansion.mark));
      index += 1;
      continue;
    }
    const parts = expansion === undefined ? [item] : splitText(expansion.text);
    for (const part of parts) {
      const text = toText(part);
      const right = text !== undefined && matches(definition.pattern, text) && (definition.choices?.includes(text) ?? true);
      const source =
        expansion?.kind === 'resolved'
          ? item
          : list === value || typeof place.source !== 'string'
            ? part
            : sourceOf(place.source, part);
      if (right) texts.push(text);
      else issues.push(wrong(definition, part, { ...place, path: `${place.path}[${index}]`, source }));
      index += 1;
    }
  }
  const unique = [...new Set(texts)];
  if (definition.itemsMax !== undefined && index > definition.itemsMax) {
    issues.push({ path: place.path, message: `${index} are too many`, allowed: `at most ${definition.itemsMax}` });
  }
  if (issues.length > 0) return invalid(issues);
  if (deferred) return { state: 'deferred', value: undefined, issues: [] };
  return unique.length === 0 ? absent(definition, place.path) : found(unique);
}

/** The user's own text is shown; what came out of a variable is not, its reference is. */
function sourceOf(source: string, part: unknown): unknown {
  return source.includes('${') || source.includes('{{') ? source : part;
}

function readMapping(definition: FieldDefinition, value: unknown, place: Place): Read<unknown> {
  const mapping = toMapping(value, definition.textKey);
  if (mapping === undefined) return invalid([wrong(definition, value, place)]);
  const issues: ConfigIssue[] = [];
  let deferred = false;
  const resolve = (inner: unknown, path: string): unknown => {
    if (typeof inner === 'string') {
      const expansion = expand(inner, place.environment);
      if (expansion.kind === 'deferred') deferred = true;
      if (expansion.kind === 'missing') issues.push(...expansion.names.map((name) => missingVariable(path, name)));
      if (expansion.kind === 'malformed') issues.push(malformed(definition, inner, path, expansion.mark));
      return expansion.kind === 'plain' || expansion.kind === 'resolved' ? expansion.text : inner;
    }
    if (Array.isArray(inner)) return inner.map((item, index) => resolve(item, `${path}[${index}]`));
    if (isMapping(inner))
      return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, resolve(item, `${path}.${key}`)]));
    return inner;
  };
  // A mapping that itself came out of a variable is taken as it is: a secret may hold `${` by chance.
  const final = place.source === value || !isReference(place.source) ? resolve(mapping, place.path) : mapping;
  for (const [key, item] of Object.entries(mapping)) {
    const path = `${place.path}.${key}`;
    if (!matches(definition.keyPattern, key))
      // A name is never read for references, whatever it looks like.
      issues.push(wrong({ ...definition, expected: 'a name that can be used here' }, key, { ...place, path, source: null }));
    const text = definition.values === 'text' ? toText(item) : undefined;
    const right =
      definition.values === undefined ||
      (definition.values === 'words'
        ? toList(item) !== undefined
        : text !== undefined && (isReference(item) || matches(definition.pattern, text)));
    if (!right)
      issues.push(
        wrong(
          { ...definition, expected: definition.values === 'words' ? 'a list of names' : 'a text that can be used here' },
          item,
          { ...place, path, source: item },
        ),
      );
  }
  if (issues.length > 0) return invalid(issues);
  if (deferred) return { state: 'deferred', value: undefined, issues: [], written: mapping };
  return found(normalMapping(definition, final));
}

function normalMapping(definition: FieldDefinition, mapping: unknown): unknown {
  if (definition.values === undefined || !isMapping(mapping)) return mapping;
  const normal = definition.values === 'text' ? toText : (item: unknown) => (toList(item) ?? []).map((word) => String(word));
  return Object.fromEntries(Object.entries(mapping).map(([key, item]) => [key, normal(item)]));
}

function readEntries(definition: FieldDefinition, value: unknown, place: Place): Read<unknown> {
  const list = toEntryList(value);
  if (list === undefined) return invalid([wrong(definition, value, place)]);
  const fields = definition.fields ?? {};
  const issues: ConfigIssue[] = [];
  const entries: Entry[] = [];
  const firstOf = new Map<string, number>();
  list.forEach((item, index) => {
    const path = `${place.path}[${index}]`;
    if (!isMapping(item)) {
      issues.push({
        path,
        message: `${shown(item)} is not a mapping`,
        allowed: `a mapping with ${Object.keys(fields).join(', ')}`,
      });
      return;
    }
    const { reads, issues: own } = readFields(fields, item, `${path}.`, place.environment);
    issues.push(...own, ...checkRules(definition.rules ?? [], reads, `${path}.`));
    const name = definition.uniqueBy === undefined ? undefined : reads[definition.uniqueBy]?.value;
    if (typeof name === 'string') {
      const earlier = firstOf.get(name.toLowerCase());
      if (earlier === undefined) firstOf.set(name.toLowerCase(), index);
      else
        issues.push({
          path: `${path}.${definition.uniqueBy}`,
          message: `${shown(name)} is the name of ${place.path}[${earlier}] too`,
          allowed: 'a name of its own',
        });
    }
    entries.push({ index, reads });
  });
  if (issues.length > 0) return { state: 'invalid', value: entries, issues };
  return entries.length === 0 ? absent(definition, place.path) : found(entries);
}

/** Reads all fields of a mapping, and says which of its keys are no field. */
export function readFields(
  fields: Readonly<Record<string, FieldDefinition>>,
  given: Readonly<Record<string, unknown>>,
  prefix: string,
  environment: Environment | null,
): { readonly reads: Readonly<Record<string, Read<unknown>>>; readonly issues: readonly ConfigIssue[] } {
  const reads = Object.fromEntries(
    Object.entries(fields).map(([name, definition]) => [
      name,
      readField(definition, given[name], `${prefix}${name}`, environment),
    ]),
  );
  const unknown = Object.keys(given)
    .filter((name) => !Object.hasOwn(fields, name))
    .map((name) => unknownAttribute(prefix, name, Object.keys(fields)));
  return { reads, issues: [...Object.values(reads).flatMap((read) => read.issues), ...unknown] };
}

function unknownAttribute(prefix: string, name: string, names: readonly string[]): ConfigIssue {
  const suggestion = nearest(name, names);
  return {
    path: `${prefix}${name}`,
    message: `${shown(name)} is not an attribute`,
    ...(prefix === '' ? {} : { allowed: names.join(', ') }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function missingVariable(path: string, name: string): ConfigIssue {
  return {
    path,
    message: `environment variable ${name} is not set`,
    allowed: `set ${name} where the run's process starts, or give a default: \${${name}:-default}`,
  };
}

/** The user's own text, in which a reference is misspelt: sent on as it stands it would become a wrong token or a wrong name. */
function malformed(definition: FieldDefinition, value: unknown, path: string, mark: '${' | '{{'): ConfigIssue {
  const what = definition.secret === true ? 'the value' : shown(value);
  if (mark === '{{') return { path, message: `${what} holds a template that only Dagster renders`, allowed: '{{ env.NAME }}' };
  return {
    path,
    message: `${what} holds a \${ that begins no reference`,
    allowed: '${NAME} or ${NAME:-default}, NAME of letters, digits and _; $${ for the characters themselves',
  };
}

function wrong(definition: FieldDefinition, value: unknown, place: Place): ConfigIssue {
  const what =
    definition.secret === true
      ? 'the value'
      : isReference(place.source)
        ? `what ${shown(place.source)} stands for`
        : shown(value);
  const allowed = accepted(definition);
  const suggestion =
    definition.choices === undefined || typeof value !== 'string' || isReference(place.source)
      ? undefined
      : nearest(value, definition.choices);
  return {
    path: place.path,
    message: `${what} is not ${expectation(definition)}`,
    ...(allowed === undefined ? {} : { allowed }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function absent(definition: FieldDefinition, path: string): Read<unknown> {
  if (definition.required !== true) return { state: 'absent', value: definition.default, issues: [] };
  const allowed = accepted(definition);
  return invalid([{ path, message: 'is required', ...(allowed === undefined ? {} : { allowed }) }]);
}

function found(value: unknown): Read<unknown> {
  return { state: 'value', value, issues: [] };
}

function invalid(issues: readonly ConfigIssue[]): Read<unknown> {
  return { state: 'invalid', value: undefined, issues };
}

function toBoolean(value: unknown): boolean | undefined {
  const text = typeof value === 'boolean' ? String(value) : toText(value)?.toLowerCase();
  if (text === undefined) return undefined;
  if (['true', 'yes', 'on', '1'].includes(text)) return true;
  return ['false', 'no', 'off', '0'].includes(text) ? false : undefined;
}

function toDate(text: string, hours: boolean): string | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:[-T ](\d{2}):00)?$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour] = match;
  const date = `${year}-${month}-${day}`;
  const instant = new Date(`${date}T00:00:00Z`);
  if (Number(year) < 1 || Number.isNaN(instant.getTime()) || instant.toISOString().slice(0, 10) !== date) return undefined;
  if (hour === undefined) return date;
  return hours && Number(hour) < 24 ? `${date}-${hour}:00` : undefined;
}

/** The texts of a list, of a comma-separated text, or of a JSON list in a text. */
function toList(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  const kind = kindOf(value);
  if (kind === 'number') return [value];
  if (typeof value !== 'string') return undefined;
  const parsed = value.startsWith('[') ? parseJson(value) : undefined;
  return Array.isArray(parsed) ? parsed : splitText(value);
}

function splitText(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function toMapping(value: unknown, textKey: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (isMapping(value)) return value;
  if (typeof value !== 'string') return undefined;
  const parsed = parseJson(value);
  if (isMapping(parsed)) return parsed;
  return textKey === undefined || value.startsWith('{') || value.startsWith('[') ? undefined : { [textKey]: value };
}

function toEntryList(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (isMapping(value)) return [value];
  const parsed = typeof value === 'string' ? parseJson(value) : undefined;
  return Array.isArray(parsed) ? parsed : isMapping(parsed) ? [parsed] : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the caller tells the user what would be.
    return undefined;
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return kindOf(value) === 'mapping';
}

function matches(pattern: string | undefined, text: string): boolean {
  return pattern === undefined || new RegExp(`^(?:${pattern})$`, 'u').test(text);
}
