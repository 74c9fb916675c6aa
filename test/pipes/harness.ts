import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll } from 'vitest';
import type { ChannelSettings, PipesMessageChannel } from '../../src/pipes/channels/channel.ts';
import { parseContext } from '../../src/pipes/context.ts';
import type { PipesHost } from '../../src/pipes/host.ts';
import { encodeParam } from '../../src/pipes/params.ts';
import { PipesContext } from '../../src/pipes/session.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new empty folder, which is gone after the tests of the file. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pipes-'));
  folders.push(folder);
  return folder;
}

/** The non-empty context of a step with one asset, in wire form, with changes. */
export function wireContext(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    asset_keys: ['ads'],
    code_version_by_asset_key: { ads: 'v1' },
    provenance_by_asset_key: { ads: null },
    partition_key: null,
    partition_key_range: null,
    partition_time_window: null,
    run_id: 'run-1',
    job_name: '__ASSET_JOB',
    retry_number: 0,
    extras: {},
    ...changes,
  };
}

/** A session whose lines can be read back. */
export function openSession(changes: Readonly<Record<string, unknown>> = {}): {
  readonly pipes: PipesContext;
  readonly lines: string[];
  readonly messages: () => readonly WireMessage[];
} {
  const lines: string[] = [];
  const channel: PipesMessageChannel = { write: (line) => void lines.push(line), close: () => undefined };
  const pipes = new PipesContext({ context: parseContext(wireContext(changes)), channel, openedExtras: {} });
  return { pipes, lines, messages: () => lines.map((line) => JSON.parse(line) as WireMessage) };
}

export interface WireMessage {
  readonly method: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages of every shape
  readonly params: any;
}

/** Environment variables of a process that Dagster started, with files in a new folder. */
export function pipesEnvironment(changes: Readonly<Record<string, unknown>> = {}): {
  readonly variables: Readonly<Record<string, string>>;
  readonly messages: () => readonly WireMessage[];
  readonly messagesPath: string;
} {
  const folder = newFolder();
  const contextPath = join(folder, 'context');
  const messagesPath = join(folder, 'messages');
  writeFileSync(contextPath, JSON.stringify(wireContext(changes)));
  writeFileSync(messagesPath, '');
  return {
    variables: {
      DAGSTER_PIPES_CONTEXT: encodeParam({ path: contextPath }),
      DAGSTER_PIPES_MESSAGES: encodeParam({ path: messagesPath, include_stdio_in_messages: false }),
    },
    messages: () => readLines(messagesPath).map((line) => JSON.parse(line) as WireMessage),
    messagesPath,
  };
}

/** The lines of a file, which has to end with a line break unless it is empty. */
export function readLines(path: string): readonly string[] {
  const text = readFileSync(path, 'utf8');
  if (text !== '' && !text.endsWith('\n')) throw new Error(`${path} ends in the middle of a line`);
  return text.split('\n').slice(0, -1);
}

/** A host whose streams lead to two descriptors, and whose warnings are kept. */
export function testHost(fds: { readonly stdout: number; readonly stderr: number } = { stdout: -1, stderr: -1 }): PipesHost & {
  readonly warnings: string[];
  /** All that went through the streams. */
  readonly printed: () => string;
} {
  const warnings: string[] = [];
  const printed: Buffer[] = [];
  const stream = (): Writable =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        printed.push(chunk);
        done();
      },
    });
  return {
    environment: {},
    argv: [],
    stdout: { stream: stream(), fd: fds.stdout },
    stderr: { stream: stream(), fd: fds.stderr },
    warn: (message) => void warnings.push(message),
    warnings,
    printed: () => Buffer.concat(printed).toString('utf8'),
  };
}

/** Channel settings with a test host; uploads every `chunkIntervalMs`. */
export function testSettings(changes: Partial<ChannelSettings> = {}): ChannelSettings {
  return { host: testHost(), ...changes };
}
