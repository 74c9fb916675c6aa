import { DagsterPipesError } from './errors.ts';

/** A number that must reach Python as a float even when it is whole: `5` is written `5.0`. Works anywhere in a payload. */
export class PipesFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Nesting allowed in one message. Python's JSON parser gives up near 1,000 levels and its reader with it. */
export const nestingMax = 200;

/** Digits allowed in one integer: Python's `int()` refuses longer texts. */
const integerDigitsMax = 4300;

/**
 * The JSON text of any plain value, in ASCII only, so that no log service can cut a character in two or take U+2028 for a line end.
 * A `bigint` becomes its digits, a `PipesFloat` a number with a fraction, and so does a number beyond 2^53, whose digits are not exact;
 * NaN and the infinities become text, an unpaired surrogate U+FFFD.
 * @throws DagsterPipesError for what JSON cannot say: functions, symbols, Map, Set, `undefined` at the top, cycles.
 */
export function encodeJson(value: unknown): string {
  if (value === undefined) throw new DagsterPipesError('`undefined` cannot be sent to Dagster; send null instead');
  return encode(value, 0);
}

/**
 * Parses JSON as Python writes it, without losing digits: integers beyond 2^53 become `bigint`, and bare NaN and infinities are read.
 * @param options `floats: 'kept'` makes a `PipesFloat` of every number with a fraction or exponent, so that 5.0 can go back as 5.0.
 * @throws SyntaxError as `JSON.parse` does.
 */
export function parseJson(text: string, options: { readonly floats?: 'kept' } = {}): unknown {
  const parse = (json: string): unknown =>
    (JSON.parse as SourceAwareParse)(json, (_key, value, { source }) => {
      if (typeof value !== 'number' || source === undefined) return value;
      if (integerText.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source);
      const float = source === nanText ? Number.NaN : value;
      return options.floats === 'kept' ? new PipesFloat(float) : float;
    });
  try {
    return parse(text);
  } catch (error) {
    const spelled = text.replace(bareFloats, (token) => numberOf[token] ?? token);
    if (spelled === text) throw error;
    return parse(spelled);
  }
}

const integerText = /^-?\d+$/;

/** Whole strings, which stay as they are, and the words beyond JSON that Python's `json.dumps` writes for floats. */
const bareFloats = /"(?:[^"\\]|\\.)*"|(?<![\w.+-])(?:NaN|-?Infinity)(?![\w.+-])/g;

/** A number that nothing else writes, and that stands for NaN between the spelling and the reviver. */
const nanText = '0e999';

/** JSON's spelling of those words: 1e999 is parsed to Infinity. */
const numberOf: Readonly<Record<string, string>> = { NaN: nanText, Infinity: '1e999', '-Infinity': '-1e999' };

/** `JSON.parse` as V8 has had it since Node 21; TypeScript's library does not know the third argument yet. */
type SourceAwareParse = (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

/** Whether JSON makes a mapping of it, with the keys it has: not of a date, a number in disguise, a Map, or a list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (value instanceof PipesFloat || value instanceof Map || value instanceof Set) return false;
  return !('toJSON' in value && typeof value.toJSON === 'function');
}

function encode(value: unknown, depth: number): string {
  if (depth > nestingMax) {
    throw new DagsterPipesError(`A message may be nested at most ${nestingMax} levels deep (does a value contain itself?)`);
  }
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? floatText(value) : numberText(value);
    case 'bigint':
      return digits(value);
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : encodeObject(value, depth);
    default:
      throw new DagsterPipesError(`A ${typeof value} cannot be sent to Dagster`);
  }
}

function encodeObject(value: object, depth: number): string {
  if (value instanceof PipesFloat) return floatText(value.value);
  if (Array.isArray(value)) {
    return `[${value.map((entry) => (entry === undefined ? 'null' : encode(entry, depth + 1))).join(', ')}]`;
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') return encode(value.toJSON() ?? null, depth + 1);
  if (value instanceof Map || value instanceof Set) {
    throw new DagsterPipesError(`A ${value.constructor.name} cannot be sent to Dagster; make it an array or a plain object`);
  }
  const fields = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return `{${fields.map(([key, entry]) => `${quote(key)}: ${encode(entry, depth + 1)}`).join(', ')}}`;
}

function quote(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(/[\u007f-\uffff]/g, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function digits(value: bigint): string {
  const text = String(value);
  if (text.length > integerDigitsMax) {
    throw new DagsterPipesError(`An integer of ${text.length} digits is more than Python reads (${integerDigitsMax})`);
  }
  return text;
}

function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : quote(String(value));
}

/** With a fraction or an exponent: Python reads a float. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) return quote(String(value));
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
