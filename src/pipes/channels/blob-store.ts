import type { PipesParams } from '../params.ts';
import type { ChannelKind } from './channel.ts';
import { chunkIntervalMsDefault, openChunks } from './chunks.ts';
import { textParam } from './params.ts';

/** Objects by bucket (in Azure: container) and key. Both methods reject with DagsterPipesError. */
export interface BlobStore {
  get(bucket: string, key: string): Promise<string>;
  put(bucket: string, key: string, body: string): Promise<void>;
}

/** Environment variables, from which a store finds its address and rights. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How long one request to a store may take. */
export const requestTimeoutMs = 30_000;

/** A channel of numbered chunks `PREFIX/1.json`, `PREFIX/2.json` … in a store. */
export function blobChannel(name: string, storeOf: (environment: Environment) => BlobStore): ChannelKind {
  return {
    name,
    chosenBy: 'program',
    accepts: (params) => typeof params['bucket'] === 'string',
    open: (params, settings) => {
      const store = settings.store ?? storeOf(settings.host.environment);
      const bucket = textParam(params, 'bucket');
      return openChunks({
        put: (index, body) => store.put(bucket, chunkKey(params, index), body),
        intervalMs: settings.chunkIntervalMs ?? chunkIntervalMsDefault,
        warn: settings.host.warn,
      });
    },
  };
}

function chunkKey(params: PipesParams, index: number): string {
  const prefix = params['key_prefix'];
  return typeof prefix === 'string' && prefix !== '' ? `${prefix}/${index}.json` : `${index}.json`;
}
