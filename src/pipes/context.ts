import { DagsterPipesError } from './errors.ts';
import { isRecord } from './json.ts';
import type { PipesExtras } from './protocol.ts';

export interface PipesDataProvenance {
  readonly codeVersion: string | null;
  /** Data versions of the asset's inputs by asset key. */
  readonly inputDataVersions: Readonly<Record<string, string>>;
  readonly isUserProvided: boolean;
}

export interface PipesPartitionKeyRange {
  readonly start: string;
  readonly end: string;
}

/** ISO 8601 with offset; the end is exclusive. */
export interface PipesTimeWindow {
  readonly start: string;
  readonly end: string;
}

/** What Dagster tells about the step. Asset keys are in escaped form (see `splitAssetKey`). */
export interface PipesContextData {
  /** Null in an op without assets; empty if only checks are selected. */
  readonly assetKeys: readonly string[] | null;
  readonly codeVersionByAssetKey: Readonly<Record<string, string | null>> | null;
  readonly provenanceByAssetKey: Readonly<Record<string, PipesDataProvenance | null>> | null;
  /** Null in a run over a range, as are the range and the window. */
  readonly partitionKey: string | null;
  readonly partitionKeyRange: PipesPartitionKeyRange | null;
  /** Null for static and dynamic partitions. */
  readonly partitionTimeWindow: PipesTimeWindow | null;
  readonly runID: string;
  readonly jobName: string | null;
  /** 0 in the first attempt. */
  readonly retryNumber: number;
  readonly extras: PipesExtras;
}

/**
 * The context as Dagster sends it (snake_case), typed. A missing field counts as null.
 * @throws DagsterPipesError naming the first field that has another type.
 */
export function parseContext(raw: unknown): PipesContextData {
  if (!isRecord(raw)) throw new DagsterPipesError('The Pipes context is not a JSON object');
  const field = <Value>(name: string, parse: (value: unknown, name: string) => Value): Value | null => {
    const value = raw[name];
    return value === undefined || value === null ? null : parse(value, name);
  };
  return {
    assetKeys: field('asset_keys', texts),
    codeVersionByAssetKey: field('code_version_by_asset_key', (value, name) => mapValues(value, name, nullable(text))),
    provenanceByAssetKey: field('provenance_by_asset_key', (value, name) => mapValues(value, name, nullable(provenance))),
    partitionKey: field('partition_key', text),
    partitionKeyRange: field('partition_key_range', span),
    partitionTimeWindow: field('partition_time_window', span),
    runID: field('run_id', text) ?? '',
    jobName: field('job_name', text),
    retryNumber: field('retry_number', integer) ?? 0,
    extras: field('extras', mapping) ?? {},
  };
}

/** The parts of an escaped asset key: `a/b\/c` is `['a', 'b/c']`. */
export function splitAssetKey(key: string): readonly string[] {
  const parts = [''];
  for (const [whole, escaped] of key.matchAll(/\\([\s\S])|[\s\S]/g)) {
    if (whole === '/') parts.push('');
    else parts[parts.length - 1] += escaped ?? whole;
  }
  return parts;
}

/** An asset key in the form of the context and the messages: parts joined by `/`, with `/` and `\` inside a part escaped. */
export function joinAssetKey(parts: readonly string[]): string {
  return parts.map((part) => part.replace(/[\\/]/g, '\\$&')).join('/');
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw wrong(name, 'a text');
}

function integer(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw wrong(name, 'a whole number');
}

function mapping(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  throw wrong(name, 'a mapping');
}

function texts(value: unknown, name: string): readonly string[] {
  if (Array.isArray(value)) return value.map((entry) => text(entry, name));
  throw wrong(name, 'a list of texts');
}

function span(value: unknown, name: string): { readonly start: string; readonly end: string } {
  const { start, end } = mapping(value, name);
  return { start: text(start, `${name}.start`), end: text(end, `${name}.end`) };
}

function provenance(value: unknown, name: string): PipesDataProvenance {
  const fields = mapping(value, name);
  return {
    codeVersion: nullable(text)(fields['code_version'], `${name}.code_version`),
    inputDataVersions: mapValues(fields['input_data_versions'] ?? {}, `${name}.input_data_versions`, text),
    isUserProvided: fields['is_user_provided'] === true,
  };
}

function mapValues<Value>(
  value: unknown,
  name: string,
  parse: (value: unknown, name: string) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(mapping(value, name)).map(([key, entry]) => [key, parse(entry, `${name}.${key}`)]));
}

function nullable<Value>(parse: (value: unknown, name: string) => Value): (value: unknown, name: string) => Value | null {
  return (value, name) => (value === undefined || value === null ? null : parse(value, name));
}

function wrong(name: string, expected: string): DagsterPipesError {
  return new DagsterPipesError(`The Pipes context's \`${name}\` is not ${expected}`);
}
