import { DagsterPipesError } from '../errors.ts';
import { isRecord } from '../json.ts';
import { type BlobStore, blobChannel, type Environment } from './blob-store.ts';
import { request } from './http.ts';

/** Numbered chunks in a Google Cloud Storage bucket, over its JSON API. */
export const gcs = blobChannel('gcs', gcsStoreFrom);

export interface GcsOptions {
  /** `https://storage.googleapis.com` by default; an emulator's address in tests. */
  readonly endpoint?: string;
  /** An OAuth access token with write access to the bucket; null sends none. By default that of the machine's service account. */
  readonly accessToken?: () => Promise<string | null>;
}

/** Google Cloud Storage by HTTP alone, without Google's packages. */
export function gcsStore(options: GcsOptions = {}): BlobStore {
  const endpoint = options.endpoint ?? 'https://storage.googleapis.com';
  const accessToken = options.accessToken ?? machineToken;
  const headers = async (): Promise<Record<string, string>> => {
    const token = await accessToken();
    return token === null ? {} : { authorization: `Bearer ${token}` };
  };
  return {
    get: async (bucket, key) => {
      const url = new URL(`/storage/v1/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(key)}?alt=media`, endpoint);
      return await request(`gs://${bucket}/${key} cannot be read`, url, { headers: await headers() });
    },
    put: async (bucket, key, body) => {
      const url = new URL(`/upload/storage/v1/b/${encodeURIComponent(bucket)}/o`, endpoint);
      url.search = new URLSearchParams({ uploadType: 'media', name: key }).toString();
      // As Dagster's own client does: several JSON documents on lines of their own are not JSON.
      const sent = { ...(await headers()), 'content-type': 'text/plain' };
      await request(`gs://${bucket}/${key} cannot be written`, url, { method: 'POST', headers: sent, body });
    },
  };
}

/** Google Cloud Storage, or what `STORAGE_EMULATOR_HOST` names, as Google's own clients read it; an emulator asks for no token. */
export function gcsStoreFrom(environment: Environment): BlobStore {
  const emulator = environment['STORAGE_EMULATOR_HOST'];
  if (emulator === undefined) return gcsStore();
  const endpoint = emulator.includes('://') ? emulator : `http://${emulator}`;
  return gcsStore({ endpoint, accessToken: () => Promise.resolve(null) });
}

/** The token of the service account that a Google machine, pod or job runs as, from its metadata server. */
async function machineToken(): Promise<string> {
  const url = new URL('http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token');
  const what = 'No Google service account here (pass `accessToken` to gcsStore)';
  const answer: unknown = JSON.parse(await request(what, url, { headers: { 'metadata-flavor': 'Google' } }));
  if (isRecord(answer) && typeof answer['access_token'] === 'string') return answer['access_token'];
  throw new DagsterPipesError("Google's metadata server gave no access token");
}
