import { DagsterPipesError } from './errors.ts';
import type { PipesException } from './exception.ts';
import { encodeJson, isRecord } from './json.ts';
import { wireMetadata } from './metadata.ts';
import { cutText } from './text.ts';

/** Dagster Pipes' protocol version. The reader does not compare it, but takes any JSON line that has the key for a message. */
export const protocolVersion = '0.1';

export const pipesLogLevels = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const;
export type PipesLogLevel = (typeof pipesLogLevels)[number];

export type PipesAssetCheckSeverity = 'WARN' | 'ERROR';

export type PipesExtras = Readonly<Record<string, unknown>>;

/** The messages a process can send. There is no other: an unknown method stops Dagster's reader. */
export type PipesMessage =
  | { readonly method: 'opened'; readonly params: { readonly extras: PipesExtras } }
  | { readonly method: 'closed'; readonly params: { readonly exception?: PipesException } }
  | { readonly method: 'log'; readonly params: { readonly message: string; readonly level: string } }
  | {
      readonly method: 'report_asset_materialization';
      readonly params: { readonly asset_key: string; readonly metadata: unknown; readonly data_version: string | null };
    }
  | {
      readonly method: 'report_asset_check';
      readonly params: {
        readonly asset_key: string;
        readonly check_name: string;
        readonly passed: boolean;
        readonly severity: PipesAssetCheckSeverity;
        readonly metadata: unknown;
      };
    }
  | { readonly method: 'report_custom_message'; readonly params: { readonly payload: unknown } }
  | {
      readonly method: 'log_external_stream';
      readonly params: { readonly stream: 'stdout' | 'stderr'; readonly text: string; readonly extras: PipesExtras };
    };

/**
 * The line of one message, without line break, checked: one bad message silences Dagster's reader for the rest of the run, while the run succeeds.
 * Log text that would make the line longer than 16 KB is cut.
 * @throws DagsterPipesError if Dagster could not read it.
 */
export function encodeMessage(message: PipesMessage): string {
  const wire = wireParams(message);
  return encodeJson({ __dagster_pipes_version: protocolVersion, method: message.method, params: wire });
}

/**
 * The level in Dagster's spelling, from any case and from the short names WARN and FATAL.
 * @throws DagsterPipesError for anything else.
 */
export function toLogLevel(level: unknown): PipesLogLevel {
  const upper = typeof level === 'string' ? level.toUpperCase() : '';
  const name = upper === 'WARN' ? 'WARNING' : upper === 'FATAL' ? 'CRITICAL' : upper;
  const known = pipesLogLevels.find((each) => each === name);
  if (known === undefined) {
    throw new DagsterPipesError(`Unknown log level \`${String(level)}\`; known are ${pipesLogLevels.join(', ')}`);
  }
  return known;
}

function wireParams(message: PipesMessage): Readonly<Record<string, unknown>> {
  // The types say what is right, but callers from JavaScript, and values that came through `as`, are not bound by them.
  const { params } = message;
  switch (message.method) {
    case 'opened':
      return { extras: mapping(message.params.extras, 'extras') };
    case 'closed':
      return message.params.exception === undefined ? {} : { exception: exception(message.params.exception) };
    case 'log':
      return { message: cutText(text(message.params.message, 'message')), level: toLogLevel(message.params.level) };
    case 'report_asset_materialization':
      return {
        asset_key: filled(message.params.asset_key, 'asset_key'),
        metadata: wireMetadata(message.params.metadata),
        data_version: message.params.data_version === null ? null : text(message.params.data_version, 'data_version'),
      };
    case 'report_asset_check':
      return {
        asset_key: filled(message.params.asset_key, 'asset_key'),
        check_name: filled(message.params.check_name, 'check_name'),
        passed: boolean(message.params.passed, 'passed'),
        severity: severity(message.params.severity),
        metadata: wireMetadata(message.params.metadata),
      };
    case 'report_custom_message':
      return { payload: message.params.payload ?? null };
    case 'log_external_stream':
      return {
        stream: stream(message.params.stream),
        text: text(message.params.text, 'text'),
        extras: mapping(message.params.extras, 'extras'),
      };
    default:
      throw new DagsterPipesError(`Unknown message: ${JSON.stringify(params)}`);
  }
}

function exception(value: unknown): PipesException {
  if (!isRecord(value)) throw wrong('exception', 'an object', value);
  const { stack, name } = value;
  if (!Array.isArray(stack)) throw wrong('exception.stack', 'a list of texts', stack);
  return {
    message: text(value['message'], 'exception.message'),
    stack: stack.map((frame) => text(frame, 'exception.stack')),
    name: name === null || name === undefined ? null : text(name, 'exception.name'),
    cause: value['cause'] ? exception(value['cause']) : null,
    context: value['context'] ? exception(value['context']) : null,
  };
}

function severity(value: unknown): PipesAssetCheckSeverity {
  if (value === 'WARN' || value === 'ERROR') return value;
  throw wrong('severity', 'WARN or ERROR', value);
}

function stream(value: unknown): 'stdout' | 'stderr' {
  if (value === 'stdout' || value === 'stderr') return value;
  throw wrong('stream', 'stdout or stderr', value);
}

function text(value: unknown, field: string): string {
  if (typeof value === 'string') return value;
  throw wrong(field, 'a text', value);
}

function filled(value: unknown, field: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(field, 'a text that is not empty', value);
}

function boolean(value: unknown, field: string): boolean {
  if (typeof value === 'boolean') return value;
  throw wrong(field, 'true or false', value);
}

function mapping(value: unknown, field: string): PipesExtras {
  if (isRecord(value)) return value;
  throw wrong(field, 'a mapping', value);
}

function wrong(field: string, expected: string, value: unknown): DagsterPipesError {
  return new DagsterPipesError(`\`${field}\` must be ${expected}, not \`${String(value)}\``);
}
