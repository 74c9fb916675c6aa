import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { azureOptions, azureStore, azureStoreFrom } from '../../src/pipes/channels/azure.ts';
import type { BlobStore } from '../../src/pipes/channels/blob-store.ts';
import { gcsStore, gcsStoreFrom } from '../../src/pipes/channels/gcs.ts';
import { s3Store, s3StoreFrom } from '../../src/pipes/channels/s3.ts';
import {
  encodeParam,
  openDagsterPipesAsync,
  PipesAzureBlobStorageContextLoader,
  PipesAzureBlobStorageMessageWriter,
  PipesContext,
  PipesGCSContextLoader,
  PipesGCSMessageWriter,
  PipesMappingParamsLoader,
  PipesS3ContextLoader,
  PipesS3MessageWriter,
} from '../../src/pipes/index.ts';
import { wireContext } from './harness.ts';
import { type ObjectStoreStandIn, startObjectStore } from './object-store-stand-in.ts';

let server: ObjectStoreStandIn;
beforeEach(async () => {
  server = await startObjectStore();
  PipesContext.set(undefined);
});
afterEach(async () => {
  PipesContext.set(undefined);
  await server.close();
});

const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
const s3 = (): BlobStore =>
  s3Store({ endpoint: server.url, region: 'eu-central-1', forcePathStyle: true, credentials, maxAttempts: 1 });
const gcs = (): BlobStore => gcsStore({ endpoint: server.url, accessToken: () => Promise.resolve('token-1') });
const azure = (): BlobStore => azureStore({ endpoint: server.url, credential: { account: 'acc', key: 'a2V5' } });
const stores = [['S3', s3] as const, ['Google Cloud Storage', gcs] as const, ['Azure Blob Storage', azure] as const];

describe.each(stores)('%s', (_name, make) => {
  it('gives back what was put, under odd keys as well', async () => {
    const store = make();
    const key = 'runs/2024-01-01|a b/ü+%.json';
    await store.put('bucket', key, '{"a": "Grüße"}');
    expect(await store.get('bucket', key)).toBe('{"a": "Grüße"}');
    expect([...server.objects.keys()]).toEqual([`bucket/${key}`]);
  });

  it('names the object that is not there', async () => {
    await expect(make().get('bucket', 'none.json')).rejects.toThrow(/bucket\/none\.json cannot be read/);
  });

  it('names the object that could not be written', async () => {
    server.failNext(1);
    await expect(make().put('bucket', 'a.json', '{}')).rejects.toThrow(/bucket\/a\.json cannot be written/);
  });

  it('says that the server cannot be reached', async () => {
    const store = make();
    await server.close();
    await expect(store.put('bucket', 'a.json', '{}')).rejects.toThrow(expect.objectContaining({ name: 'DagsterPipesError' }));
  });
});

describe('authorization', () => {
  it('is an AWS signature for S3', async () => {
    await s3().put('bucket', 'a.json', '{}');
    expect(server.requests[0]?.headers['authorization']).toMatch(/^AWS4-HMAC-SHA256 Credential=id\/\d+\/eu-central-1\/s3\//);
  });

  it('is a bearer token for Google', async () => {
    await gcs().put('bucket', 'a.json', '{}');
    expect(server.requests[0]?.headers['authorization']).toBe('Bearer token-1');
  });

  it('is an HMAC, a signature in the query or a bearer token for Azure', async () => {
    const endpoint = server.url;
    await azure().put('c', 'a.json', '{}');
    await azureStore({ endpoint, credential: { signature: 'sv=1&sig=x%2B' } }).put('c', 'a.json', '{}');
    await azureStore({ endpoint, credential: { accessToken: () => Promise.resolve('t') } }).put('c', 'a.json', '{}');
    expect(server.requests.map(({ headers }) => headers['authorization'])).toEqual([
      expect.stringMatching(/^SharedKey acc:[A-Za-z0-9+/]{43}=$/),
      undefined,
      'Bearer t',
    ]);
    expect(server.requests[1]?.line).toBe('PUT /c/a.json?sv=1&sig=x%2B');
    expect(server.requests[0]?.headers['x-ms-blob-type']).toBe('BlockBlob');
  });
});

describe('the environment', () => {
  it('names an S3 endpoint, its region and path-style addressing', async () => {
    const saved = { ...process.env };
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'env-id', AWS_SECRET_ACCESS_KEY: 'env-secret' });
    try {
      await s3StoreFrom({ AWS_ENDPOINT_URL: server.url, AWS_DEFAULT_REGION: 'eu-west-1' }).put('bucket', 'a.json', '{}');
    } finally {
      process.env = saved;
    }
    expect([...server.objects.keys()]).toEqual(['bucket/a.json']);
    expect(server.requests[0]?.headers['authorization']).toMatch(/Credential=env-id\/\d+\/eu-west-1\//);
  });

  it('names a Google emulator, which gets no token', async () => {
    await gcsStoreFrom({ STORAGE_EMULATOR_HOST: server.url.replace('http://', '') }).put('bucket', 'a.json', '{}');
    expect(server.requests[0]).toMatchObject({ line: 'POST /upload/storage/v1/b/bucket/o?uploadType=media&name=a.json' });
    expect(server.requests[0]?.headers['authorization']).toBeUndefined();
  });

  it('names an Azure account by its connection string', async () => {
    const connection = `DefaultEndpointsProtocol=http;AccountName=acc;AccountKey=a2V5==;BlobEndpoint=${server.url}/acc;`;
    await azureStoreFrom({ AZURE_STORAGE_CONNECTION_STRING: connection }).put('c', 'a.json', '{}');
    expect([...server.objects.keys()]).toEqual(['acc/c/a.json']);
    expect(azureOptions('AccountName=acc;AccountKey=k==')).toEqual({
      endpoint: 'https://acc.blob.core.windows.net',
      credential: { account: 'acc', key: 'k==' },
    });
    expect(() => azureOptions('AccountName=acc')).toThrow(/neither AccountName with AccountKey/);
    expect(() => azureStoreFrom({})).toThrow(/AZURE_STORAGE_CONNECTION_STRING/);
  });
});

describe('a session through a store', () => {
  it.each([
    ['S3', () => [new PipesS3ContextLoader(s3()), new PipesS3MessageWriter({ store: s3() })] as const],
    ['Google Cloud Storage', () => [new PipesGCSContextLoader(gcs()), new PipesGCSMessageWriter({ store: gcs() })] as const],
    [
      'Azure',
      () =>
        [new PipesAzureBlobStorageContextLoader(azure()), new PipesAzureBlobStorageMessageWriter({ store: azure() })] as const,
    ],
  ])('loads its context from %s and leaves one chunk there', async (_name, make) => {
    await s3().put('bucket', 'run/context.json', JSON.stringify(wireContext({ run_id: 'from the store' })));
    const params = new PipesMappingParamsLoader({
      DAGSTER_PIPES_CONTEXT: encodeParam({ bucket: 'bucket', key: 'run/context.json' }),
      DAGSTER_PIPES_MESSAGES: encodeParam({ bucket: 'bucket', key_prefix: 'run/messages' }),
    });
    const pipes = await openDagsterPipesAsync(params, ...make());
    pipes.reportAssetMaterialization({ rows: 1 });
    pipes.close();
    await pipes.delivered();
    const chunk = server.objects.get('bucket/run/messages/1.json') ?? '';
    expect(pipes.runID).toBe('from the store');
    expect(chunk.split('\n').map((line) => JSON.parse(line).method)).toEqual([
      'opened',
      'report_asset_materialization',
      'closed',
    ]);
    expect(server.objects.size).toBe(2);
  });

  it('numbers its chunks from the bucket on where there is no prefix', async () => {
    const params = new PipesMappingParamsLoader({
      DAGSTER_PIPES_CONTEXT: encodeParam({ data: wireContext() }),
      DAGSTER_PIPES_MESSAGES: encodeParam({ bucket: 'bucket' }),
    });
    const pipes = await openDagsterPipesAsync(params, undefined, new PipesS3MessageWriter({ store: s3() }));
    pipes.close();
    await pipes.delivered();
    expect([...server.objects.keys()]).toEqual(['bucket/1.json']);
  });
});
