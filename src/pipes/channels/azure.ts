import { createHmac } from 'node:crypto';
import { DagsterPipesError } from '../errors.ts';
import { type BlobStore, blobChannel, type Environment } from './blob-store.ts';
import { request } from './http.ts';

/** Numbered chunks in an Azure Blob Storage container, over its REST API. */
export const azure = blobChannel('azure', azureStoreFrom);

export interface AzureOptions {
  /** The blob service's address, e.g. `https://ACCOUNT.blob.core.windows.net`. */
  readonly endpoint: string;
  /** One of: the account with its key (base64), a shared access signature, or a bearer token. */
  readonly credential:
    | { readonly account: string; readonly key: string }
    | { readonly signature: string }
    | { readonly accessToken: () => Promise<string> };
}

/** Version of the REST API, in which Put Blob and Get Blob are as used here. */
const apiVersion = '2021-12-02';

/** Azure Blob Storage by HTTP alone, without Microsoft's packages. */
export function azureStore({ endpoint, credential }: AzureOptions): BlobStore {
  const send = async (what: string, method: 'GET' | 'PUT', path: string, body?: string): Promise<string> => {
    const url = new URL(`${endpoint.replace(/\/$/, '')}/${path.split('/').map(encodeURIComponent).join('/')}`);
    const headers: Record<string, string> = { 'x-ms-date': new Date().toUTCString(), 'x-ms-version': apiVersion };
    if (body !== undefined) Object.assign(headers, { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'text/plain' });
    if ('signature' in credential) url.search = credential.signature;
    else if ('accessToken' in credential) headers['authorization'] = `Bearer ${await credential.accessToken()}`;
    else headers['authorization'] = sharedKey(credential, { method, url, headers, body });
    return await request(what, url, body === undefined ? { method, headers } : { method, headers, body });
  };
  return {
    get: (container, key) => send(`The blob ${container}/${key} cannot be read`, 'GET', `${container}/${key}`),
    put: async (container, key, body) => {
      await send(`The blob ${container}/${key} cannot be written`, 'PUT', `${container}/${key}`, body);
    },
  };
}

/**
 * The parts of a connection string, as the Azure portal shows it.
 * @throws DagsterPipesError if it has neither account and key nor a signature.
 */
export function azureOptions(connectionString: string): AzureOptions {
  const fields = new Map(
    connectionString
      .split(';')
      .map((part) => [part.slice(0, part.indexOf('=')).trim(), part.slice(part.indexOf('=') + 1)] as const),
  );
  const account = fields.get('AccountName');
  const key = fields.get('AccountKey');
  const signature = fields.get('SharedAccessSignature');
  const host = `${account ?? ''}.blob.${fields.get('EndpointSuffix') ?? 'core.windows.net'}`;
  const endpoint = fields.get('BlobEndpoint') ?? `${fields.get('DefaultEndpointsProtocol') ?? 'https'}://${host}`;
  if (account !== undefined && key !== undefined) return { endpoint, credential: { account, key } };
  if (signature !== undefined) return { endpoint, credential: { signature } };
  throw new DagsterPipesError('The Azure connection string has neither AccountName with AccountKey nor SharedAccessSignature');
}

/** Azure Blob Storage as `AZURE_STORAGE_CONNECTION_STRING` says. Throws DagsterPipesError if it is not set. */
export function azureStoreFrom(environment: Environment): BlobStore {
  const connection = environment['AZURE_STORAGE_CONNECTION_STRING'];
  if (connection !== undefined) return azureStore(azureOptions(connection));
  throw new DagsterPipesError('Pipes over Azure needs AZURE_STORAGE_CONNECTION_STRING, or a store made with azureStore()');
}

interface Signed {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Shared Key authorization: an HMAC over method, standard headers, `x-ms-*` headers and resource. */
function sharedKey({ account, key }: { readonly account: string; readonly key: string }, signed: Signed): string {
  const { method, url, headers, body } = signed;
  const length = body === undefined ? '' : String(Buffer.byteLength(body));
  const standard = [method, '', '', length, '', headers['content-type'] ?? '', '', '', '', '', '', ''];
  const own = Object.keys(headers)
    .filter((name) => name.startsWith('x-ms-'))
    .sort()
    .map((name) => `${name}:${headers[name]}`);
  const text = [...standard, ...own, `/${account}${url.pathname}`].join('\n');
  const hash = createHmac('sha256', Buffer.from(key, 'base64')).update(text, 'utf8').digest('base64');
  return `SharedKey ${account}:${hash}`;
}
