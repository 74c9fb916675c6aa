import { dayOf, secondsOf } from './days.ts';
import { parameterError } from './refusal.ts';

/**
 * The parameters of one request, read strictly: ids and numbers as plain text, lists and objects as JSON. What nobody asks for is
 * ignored, as TikTok ignores unknown parameters.
 */
export interface Parameters {
  readonly text: (name: string) => string | undefined;
  readonly requiredText: (name: string) => string;
  readonly integer: (name: string, limits: { readonly min: number; readonly max: number; readonly otherwise: number }) => number;
  readonly boolean: (name: string, otherwise?: boolean) => boolean;
  readonly choice: <const T extends string>(name: string, choices: readonly T[]) => T | undefined;
  readonly texts: (name: string) => readonly string[] | undefined;
  readonly object: (name: string) => Readonly<Record<string, unknown>> | undefined;
  readonly list: (name: string) => readonly unknown[] | undefined;
  /** Days since 1970-01-01. */
  readonly day: (name: string) => number | undefined;
}

/** Parameters of a query string, where lists and objects are JSON texts. */
export function queryParameters(query: URLSearchParams): Parameters {
  return parametersOf(
    (name) => query.get(name) ?? undefined,
    (name, text) => {
      try {
        return JSON.parse(String(text));
      } catch {
        throw parameterError(`${name}: Not a valid JSON value: ${String(text).slice(0, 200)}`);
      }
    },
  );
}

/** Parameters of a JSON body, where lists and objects stand as they are. */
export function bodyParameters(body: Readonly<Record<string, unknown>>): Parameters {
  return parametersOf(
    (name) => body[name] ?? undefined,
    (_name, value) => value,
  );
}

function parametersOf(read: (name: string) => unknown, decode: (name: string, value: unknown) => unknown): Parameters {
  function text(name: string): string | undefined {
    const value = read(name);
    if (value === undefined || value === '') return undefined;
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    throw parameterError(`${name}: Not a valid string.`);
  }

  function requiredText(name: string): string {
    const value = text(name);
    if (value === undefined) throw missing(name);
    return value;
  }

  function integer(name: string, { min, max, otherwise }: { min: number; max: number; otherwise: number }): number {
    const value = text(name);
    if (value === undefined) return otherwise;
    if (!/^-?\d{1,15}$/.test(value)) throw parameterError(`${name}: Not a valid integer.`);
    const number = Number(value);
    if (number < min) throw parameterError(`${name}: Must be greater than or equal to ${min}.`);
    if (number > max) throw parameterError(`${name}: Must be less than or equal to ${max}.`);
    return number;
  }

  function boolean(name: string, otherwise = false): boolean {
    const value = read(name);
    if (value === undefined || value === '') return otherwise;
    if (value === true || /^(true|1)$/i.test(String(value))) return true;
    if (/^(false|0)$/i.test(String(value))) return false;
    throw parameterError(`${name}: Not a valid boolean.`);
  }

  function choice<const T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = text(name);
    if (value === undefined) return undefined;
    const found = choices.find((one) => one === value);
    if (found === undefined) throw notAcceptable(name, choices);
    return found;
  }

  function list(name: string): readonly unknown[] | undefined {
    const value = read(name);
    if (value === undefined || value === '') return undefined;
    const decoded: unknown = decode(name, value);
    if (!Array.isArray(decoded)) throw parameterError(`${name}: Not a valid list.`);
    return decoded;
  }

  function texts(name: string): readonly string[] | undefined {
    return list(name)?.map((one, index) => {
      if (typeof one !== 'string') throw parameterError(`${name}.${index}: Not a valid string.`);
      return one;
    });
  }

  function object(name: string): Readonly<Record<string, unknown>> | undefined {
    const value = read(name);
    if (value === undefined || value === '') return undefined;
    const decoded: unknown = decode(name, value);
    if (!isRecord(decoded)) throw parameterError(`${name}: Not a valid mapping type.`);
    return decoded;
  }

  function day(name: string): number | undefined {
    const value = text(name);
    if (value === undefined) return undefined;
    const found = dayOf(value);
    if (found === undefined) throw parameterError(`${name}: Not a valid date, the format is YYYY-MM-DD.`);
    return found;
  }

  return { text, requiredText, integer, boolean, choice, texts, object, list, day };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function missing(name: string): Error {
  return parameterError(`Missing required field(s): ${name}.`);
}

export function notAcceptable(name: string, choices: readonly string[]): Error {
  const list = choices.map((one) => `'${one}'`).join(', ');
  return parameterError(`${name}: one or more value of the param is not acceptable, correct is [${list}]`);
}

/** Ids in a filter or parameter: texts of digits, of which there are limits. */
export function idList(name: string, value: unknown, max: number): readonly string[] {
  if (!Array.isArray(value)) throw parameterError(`${name}: Not a valid list.`);
  if (value.length < 1 || value.length > max) throw parameterError(`${name}: Length must be between 1 and ${max}.`);
  return value.map((one, index) => {
    if (typeof one !== 'string') throw parameterError(`${name}.${index}: Not a valid string.`);
    return one;
  });
}

/** Seconds since 1970 of a filter's time. */
export function timeOf(name: string, value: unknown): number {
  const seconds = typeof value === 'string' ? secondsOf(value) : undefined;
  if (seconds === undefined) throw parameterError(`${name}: Not a valid time, the format is YYYY-MM-DD HH:MM:SS.`);
  return seconds;
}
