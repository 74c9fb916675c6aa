import { inspect } from 'node:util';
import { encodeJson } from './json.ts';
import { cutText, textBytesMax } from './text.ts';

/** An error in wire form. All five keys are required: without `cause` or `context` Dagster's reader stops. */
export interface PipesException {
  readonly message: string;
  /** One frame each, ending in a line break: Dagster prints them as they are. */
  readonly stack: readonly string[];
  readonly name: string | null;
  /** The error that led to this one. */
  readonly cause: PipesException | null;
  /** The error that was being handled when this one came up. */
  readonly context: PipesException | null;
}

/**
 * Anything thrown, in wire form: an Error with its causes, an AggregateError with its members, a SuppressedError, a text, or a PipesException
 * as it is. Long chains and stacks are shortened so that the line stays below 16 KB.
 */
export function toPipesException(error: unknown): PipesException {
  for (const detail of details) {
    const exception = convert(error, detail, 0);
    if (encodeJson(exception).length <= textBytesMax) return exception;
  }
  return convert(error, leastDetail, 0);
}

interface Detail {
  /** Causes followed: a cycle has no end. */
  readonly causesMax: number;
  readonly framesMax: number;
}

const details: readonly Detail[] = [
  { causesMax: 6, framesMax: 15 },
  { causesMax: 3, framesMax: 5 },
];
const leastDetail: Detail = { causesMax: 1, framesMax: 3 };

const frameBytesMax = 200;
/** Bytes of the error's own message, and of each cause's. */
const messageBytesMax = { first: 8192, cause: 1024 } as const;

function convert(error: unknown, detail: Detail, depth: number): PipesException {
  const fields = isObject(error) ? error : {};
  return {
    message: cutText(messageOf(error), depth === 0 ? messageBytesMax.first : messageBytesMax.cause),
    stack: frames(fields['stack']).slice(0, detail.framesMax),
    name: nameOf(error, fields),
    cause: deeper(causeOf(error, fields), detail, depth),
    context: deeper(contextOf(fields), detail, depth),
  };
}

function deeper(error: unknown, detail: Detail, depth: number): PipesException | null {
  if (error === undefined || error === null || depth >= detail.causesMax) return null;
  return convert(error, detail, depth + 1);
}

function messageOf(error: unknown): string {
  if (!isObject(error)) return String(error);
  if (typeof error['message'] !== 'string') return inspect(error);
  const members = error instanceof AggregateError ? error.errors : [];
  return [error['message'], ...members.map((member, index) => `[${index + 1}] ${memberText(member)}`)].join('\n');
}

function memberText(member: unknown): string {
  return member instanceof Error ? `${member.name}: ${member.message}` : String(member);
}

function nameOf(error: unknown, fields: Readonly<Record<string, unknown>>): string | null {
  if (typeof fields['name'] === 'string') return fields['name'];
  return error instanceof Error ? error.constructor.name : null;
}

/** A SuppressedError (from `using`) carries the newer error as `error` and the one it hides as `suppressed`. */
function causeOf(error: unknown, fields: Readonly<Record<string, unknown>>): unknown {
  return fields['cause'] ?? (fields['suppressed'] === undefined || !(error instanceof Error) ? null : fields['error']);
}

/** Errors of other libraries have a `context` of their own kind: only what has a message is an error. */
function contextOf(fields: Readonly<Record<string, unknown>>): unknown {
  const context = fields['suppressed'] ?? fields['context'];
  return isObject(context) && typeof context['message'] === 'string' ? context : null;
}

/** The frames of a V8 stack (its first lines repeat name and message), or the entries of a stack in wire form. */
function frames(stack: unknown): readonly string[] {
  const lines = Array.isArray(stack) ? stack.map(String) : typeof stack === 'string' ? stack.split('\n').filter(isFrame) : [];
  return lines.map((line) => `${cutText(line.trimEnd(), frameBytesMax)}\n`);
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(line);
}

/** Errors of any class, those that know how to make JSON of themselves included. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
