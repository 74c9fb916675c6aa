import { DagsterPipesError } from '../errors.ts';
import { requestTimeoutMs } from './blob-store.ts';

/** A request with a time limit; the answer's text. Rejects with DagsterPipesError, which names `what`, if it is not a success. */
export async function request(what: string, url: URL, options: RequestInit): Promise<string> {
  const response = await fetch(url, { ...options, signal: AbortSignal.timeout(requestTimeoutMs) }).catch((cause: unknown) => {
    throw new DagsterPipesError(`${what}: ${reason(cause)}`, { cause });
  });
  const text = await response.text();
  if (!response.ok) throw new DagsterPipesError(`${what}: HTTP ${response.status} ${text.slice(0, 300)}`);
  return text;
}

function reason(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? `${error.message} (${String(error.cause)})` : String(error);
}
