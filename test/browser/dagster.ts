import { setTimeout as delay } from 'node:timers/promises';
import { cleanEnvironment, main, venvProgram } from '../../scripts/lib/paths.mjs';
import { onInterrupt, start, stop } from '../../scripts/lib/processes.mjs';
import { freePort } from '../support/loopback.ts';

const startMs = 120_000;

/** A running `dg dev`. */
export interface Dagster {
  readonly url: string;
  readonly pid: number;
  /** Asks Dagster's GraphQL endpoint; throws if it answers with errors. */
  readonly query: (text: string) => Promise<unknown>;
  /** Ends Dagster and all that it started. */
  readonly close: () => Promise<void>;
}

/** Starts `dg dev` on a free port, in a process group of its own, and waits until the project is loaded. */
export async function startDagster(project: string, variables: Readonly<Record<string, string>>): Promise<Dagster> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const said: string[] = [];
  const child = start(venvProgram('dg'), ['dev', '--host', '127.0.0.1', '--port', String(port)], {
    cwd: project,
    env: cleanEnvironment({ PYTHONWARNINGS: 'ignore', TIKTOK_ADS_EXECUTABLE: main, ...variables }),
    onLine: (line) => said.push(line),
  });
  const release = onInterrupt(() => stop(child));
  const close = async (): Promise<void> => {
    release();
    await stop(child);
  };
  const query = (text: string): Promise<unknown> => ask(url, text);
  const ended = child.ended.then(() => false);
  const ready = await Promise.race([loaded(query), ended]);
  if (!ready || child.pid === undefined) {
    await close();
    throw new Error(`Dagster did not start:\n${said.slice(-40).join('\n')}`);
  }
  return { url, pid: child.pid, query, close };
}

async function loaded(query: Dagster['query']): Promise<boolean> {
  for (const end = performance.now() + startMs; performance.now() < end; await delay(300)) {
    const answer = await query('{ assetNodes { id } }').catch(() => undefined);
    // A server that is still loading has no assets.
    if (JSON.stringify(answer ?? {}).includes('"id"')) return true;
  }
  return false;
}

async function ask(url: string, query: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  // GraphQL answers with one of the two.
  const answer = (await response.json()) as { readonly data?: unknown; readonly errors?: unknown };
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}
