import { deflateSync, inflateSync } from 'node:zlib';
import { DagsterPipesError } from './errors.ts';
import { currentHost } from './host.ts';
import { encodeJson, isRecord, parseJson } from './json.ts';

/** Where Dagster put the context, or where it wants the messages: which keys there are depends on the other side. */
export type PipesParams = Readonly<Record<string, unknown>>;

export const contextVariable = 'DAGSTER_PIPES_CONTEXT';
export const messagesVariable = 'DAGSTER_PIPES_MESSAGES';

/** Finds the two parameters that Dagster handed to this process. */
export abstract class PipesParamsLoader {
  /** Whether Dagster started this process: if not, the session is one that does nothing. */
  abstract isDagsterPipesProcess(): boolean;
  /** Where the context is. Throws DagsterPipesError if the parameter cannot be decoded. */
  abstract loadContextParams(): PipesParams;
  /** Where messages go. Throws DagsterPipesError if the parameter is missing or cannot be decoded. */
  abstract loadMessagesParams(): PipesParams;
}

/** Parameters in a mapping under their variables' names: an AWS Lambda event, Databricks notebook widgets. */
export class PipesMappingParamsLoader extends PipesParamsLoader {
  readonly #mapping: Readonly<Record<string, unknown>>;

  constructor(mapping: Readonly<Record<string, unknown>>) {
    super();
    this.#mapping = mapping;
  }

  override isDagsterPipesProcess(): boolean {
    const value = this.#mapping[contextVariable];
    return value !== undefined && value !== null;
  }

  override loadContextParams(): PipesParams {
    return decodeParams(this.#mapping[contextVariable], contextVariable);
  }

  override loadMessagesParams(): PipesParams {
    return decodeParams(this.#mapping[messagesVariable], messagesVariable);
  }
}

/** Parameters in the environment: the default, and what most of Dagster's clients use. */
export class PipesEnvVarParamsLoader extends PipesMappingParamsLoader {
  constructor(environment: Readonly<Record<string, string | undefined>> = currentHost().environment) {
    super(environment);
  }
}

/** Parameters as `--dagster-pipes-context V --dagster-pipes-messages V` (or with `=`) among other arguments: EMR, Glue, Dataproc. */
export class PipesCliArgsParamsLoader extends PipesMappingParamsLoader {
  constructor(argv: readonly string[] = currentHost().argv) {
    super({
      [contextVariable]: argument(argv, '--dagster-pipes-context'),
      [messagesVariable]: argument(argv, '--dagster-pipes-messages'),
    });
  }
}

/** Params as Dagster encodes them: base64 of zlib-compressed UTF-8 JSON. */
export function encodeParam(value: unknown): string {
  return deflateSync(encodeJson(value)).toString('base64');
}

/**
 * The value of an encoded parameter.
 * @throws DagsterPipesError if it is not base64 of zlib-compressed JSON.
 */
export function decodeParam(text: string): unknown {
  try {
    return parseJson(inflateSync(Buffer.from(text, 'base64'), { maxOutputLength: paramBytesMax }).toString('utf8'));
  } catch (cause) {
    throw new DagsterPipesError('A Pipes parameter is not base64 of zlib-compressed JSON', { cause });
  }
}

/** More than any context has: a bound on what a damaged parameter can inflate to. */
const paramBytesMax = 256 * 1024 * 1024;

function decodeParams(value: unknown, name: string): PipesParams {
  if (typeof value !== 'string' || value === '') {
    throw new DagsterPipesError(`${name} is missing: both it and its counterpart have to be passed to the process`);
  }
  try {
    const params = decodeParam(value);
    if (isRecord(params)) return params;
  } catch (cause) {
    throw new DagsterPipesError(`${name} cannot be decoded; pass it on as Dagster made it`, { cause });
  }
  throw new DagsterPipesError(`${name} does not hold a mapping`);
}

function argument(argv: readonly string[], flag: string): string | undefined {
  const inline = argv.find((each) => each.startsWith(`${flag}=`));
  if (inline !== undefined) return inline.slice(flag.length + 1);
  const position = argv.indexOf(flag);
  return position === -1 ? undefined : argv[position + 1];
}
