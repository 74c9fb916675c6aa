import { DagsterPipesError } from '../errors.ts';
import type { PipesParams } from '../params.ts';

/**
 * A text among the params.
 * @throws DagsterPipesError if it is missing or no text.
 */
export function textParam(params: PipesParams, key: string): string {
  const value = params[key];
  if (typeof value === 'string' && value !== '') return value;
  throw new DagsterPipesError(`The Pipes parameter \`${key}\` is missing: the params have ${keysOf(params)}`);
}

/** The keys alone: values can be long, or whole contexts. */
export function keysOf(params: PipesParams): string {
  const keys = Object.keys(params);
  return keys.length === 0 ? 'no keys' : `the keys ${keys.join(', ')}`;
}
