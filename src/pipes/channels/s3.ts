import { DagsterPipesError } from '../errors.ts';
import { type BlobStore, blobChannel, type Environment, requestTimeoutMs } from './blob-store.ts';

/** Numbered chunks in an S3 bucket. The AWS SDK (`@aws-sdk/client-s3`) is loaded when the first chunk is stored. */
export const s3 = blobChannel('s3', s3StoreFrom);

/** Options of the AWS SDK's S3 client, such as `region`, `endpoint`, `forcePathStyle`, `credentials`. */
export type S3Config = Readonly<Record<string, unknown>>;

/**
 * S3, or anything that speaks its API. Without credentials in the options the SDK finds them as usual (AWS_* variables, profile, role).
 * A first use without `@aws-sdk/client-s3` installed rejects and says so.
 */
export function s3Store(config: S3Config = {}): BlobStore {
  let opening: Promise<Client> | undefined;
  const client = (): Promise<Client> => {
    opening ??= connect(config);
    return opening;
  };
  return {
    get: async (bucket, key) => (await client()).get(bucket, key).catch(failed(`s3://${bucket}/${key} cannot be read`)),
    put: async (bucket, key, body) =>
      (await client()).put(bucket, key, body).catch(failed(`s3://${bucket}/${key} cannot be written`)),
  };
}

/** S3 as the AWS_* variables say. The SDK itself does not know AWS_DEFAULT_REGION, and own endpoints rarely have a host name per bucket. */
export function s3StoreFrom(environment: Environment): BlobStore {
  const endpoint = environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL'];
  const region = environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'];
  return s3Store({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true, region: region ?? 'us-east-1' }),
  });
}

interface Client {
  get(bucket: string, key: string): Promise<string>;
  put(bucket: string, key: string, body: string): Promise<void>;
}

async function connect(config: S3Config): Promise<Client> {
  const { S3Client, GetObjectCommand, PutObjectCommand } = await import('@aws-sdk/client-s3').catch((cause: unknown) => {
    throw new DagsterPipesError('Pipes over S3 needs the package @aws-sdk/client-s3: npm install @aws-sdk/client-s3', { cause });
  });
  const client = new S3Client(config);
  const limit = () => ({ abortSignal: AbortSignal.timeout(requestTimeoutMs) });
  return {
    get: async (bucket, key) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), limit());
      return (await Body?.transformToString('utf-8')) ?? '';
    },
    put: async (bucket, key, body) => {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'text/plain' }), limit());
    },
  };
}

function failed(what: string): (cause: unknown) => never {
  return (cause) => {
    throw new DagsterPipesError(`${what}: ${String(cause)}`, { cause });
  };
}
