import { mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { azureOptions, azureStore } from '../../src/pipes/channels/azure.ts';
import type { BlobStore } from '../../src/pipes/channels/blob-store.ts';
import type { ChannelKind } from '../../src/pipes/channels/channel.ts';
import { gcsStore } from '../../src/pipes/channels/gcs.ts';
import { channels } from '../../src/pipes/channels/index.ts';
import { s3Store } from '../../src/pipes/channels/s3.ts';
import { type ChannelSubject, channelContract, type OpenedChannel } from '../contract/channel.ts';
import { newFolder, readLines, testHost, testSettings } from './harness.ts';
import { type ObjectStoreStandIn, startObjectStore } from './object-store-stand-in.ts';

let standIn: ObjectStoreStandIn;
beforeAll(async () => {
  standIn = await startObjectStore();
});
afterAll(async () => {
  await standIn.close();
});

const environment = process.env;
const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
const s3At = (endpoint: string): BlobStore => s3Store({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
const gcsAt = (endpoint: string): BlobStore => gcsStore({ endpoint, accessToken: () => Promise.resolve('token') });
const azureAt = (endpoint: string): BlobStore =>
  azureStore({ endpoint: `${endpoint}/account`, credential: { account: 'account', key: Buffer.from('key').toString('base64') } });

const subjects: readonly ChannelSubject[] = [
  { name: 'file', open: openFile },
  { name: 'directory', open: openDirectory },
  { name: 'stdio', open: () => openStdio('stdio', 'stdout') },
  { name: 'buffered-stdio', open: () => openStdio('buffered_stdio', 'stderr') },
  { name: 's3', open: () => openBlob('s3', s3At(standIn.url), 'bucket') },
  { name: 'gcs', open: () => openBlob('gcs', gcsAt(standIn.url), 'bucket') },
  { name: 'azure', open: () => openBlob('azure', azureAt(standIn.url), 'bucket') },
  real('s3', 'MOTO_SERVER', s3At),
  real('gcs', 'GCS_EMULATOR', (url) => gcsStore({ endpoint: url, accessToken: () => Promise.resolve(null) })),
  real('azure', 'AZURE_EMULATOR', (connection) => azureStore(azureOptions(connection))),
];

for (const subject of subjects) channelContract(subject);

describe('the channel registry', () => {
  it('has no channel that the contract does not run on', () => {
    const covered = new Set(subjects.map((subject) => subject.name));
    expect(channels.filter((kind) => !covered.has(kind.name))).toEqual([]);
  });
});

async function openFile(): Promise<OpenedChannel> {
  const path = join(newFolder(), 'messages');
  return { channel: kind('file').open({ path }, testSettings()), read: async () => readLines(path) };
}

async function openDirectory(): Promise<OpenedChannel> {
  const path = join(newFolder(), 'chunks');
  mkdirSync(path);
  const channel = kind('directory').open({ path }, testSettings({ chunkIntervalMs: 20 }));
  return { channel, read: async () => chunkLines(readdirSync(path), (name) => readFileSync(join(path, name), 'utf8')) };
}

async function openStdio(key: 'stdio' | 'buffered_stdio', stream: 'stdout' | 'stderr'): Promise<OpenedChannel> {
  const path = join(newFolder(), 'stream');
  const fd = openSync(path, 'a');
  const host = testHost({ stdout: -1, stderr: -1, [stream]: fd });
  const name = key === 'stdio' ? 'stdio' : 'buffered-stdio';
  return { channel: kind(name).open({ [key]: stream }, { host }), read: async () => readLines(path) };
}

async function openBlob(name: string, store: BlobStore, bucket: string): Promise<OpenedChannel> {
  const prefix = `run-${Math.random().toString(36).slice(2)}/messages`;
  const params = { bucket, key_prefix: prefix, include_stdio_in_messages: false };
  const channel = kind(name).open(params, testSettings({ store, chunkIntervalMs: 20 }));
  return { channel, read: () => blobLines(store, bucket, prefix) };
}

/** The same channel against a real or emulated service whose address an environment variable gives; the bucket `pipes` has to exist. */
function real(name: string, variable: string, storeAt: (address: string) => BlobStore): ChannelSubject {
  const address = environment[variable];
  const skip = address === undefined ? { skip: `no server: set ${variable}` } : {};
  return { name: `${name} (${variable})`, ...skip, open: () => openBlob(name, storeAt(address ?? ''), 'pipes') };
}

async function blobLines(store: BlobStore, bucket: string, prefix: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let index = 1; ; index += 1) {
    const chunk = await store.get(bucket, `${prefix}/${index}.json`).catch(() => undefined);
    if (chunk === undefined) return lines;
    lines.push(...nonEmpty(chunk).split('\n'));
  }
}

/** As Dagster reads them: from 1 on, until one is missing. Nothing else may lie there. */
function chunkLines(names: readonly string[], read: (name: string) => string): readonly string[] {
  const expected = names.map((_, index) => `${index + 1}.json`);
  expect([...names].sort()).toEqual([...expected].sort());
  return expected.flatMap((name) => nonEmpty(read(name)).split('\n'));
}

function nonEmpty(chunk: string): string {
  expect(chunk).not.toBe('');
  return chunk;
}

function kind(name: string): ChannelKind {
  const found = channels.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no channel ${name}`);
  return found;
}
