import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DestinationError } from '../errors.ts';
import type { ConnectEnvironment, StagedTable, Statement } from './destination.ts';
import { exportParquet } from './export.ts';
import type { Exclusive } from './postgres-connection.ts';
import type { RedshiftOptions } from './redshift.ts';
import { redshiftDialect as dialect, stagedAsText } from './redshift-dialect.ts';

export interface CopyRequest {
  readonly run: Exclusive['run'];
  readonly staged: StagedTable;
  /** The staging table to fill. */
  readonly table: string;
  readonly options: RedshiftOptions;
  /** `s3://bucket/prefix`. */
  readonly address: string;
  readonly environment: ConnectEnvironment;
}

/** Staged rows as one Parquet file to the bucket, from there into the staging table, and the file away again. */
export async function copyThroughS3({ run, staged, table, options, address, environment }: CopyRequest): Promise<void> {
  const { bucket, folder } = placeOf(address);
  const name = `${stagedPrefix}${randomBytes(12).toString('hex')}.parquet`;
  const key = `${folder}${name}`;
  const file = join(environment.directory, name);
  const client = clientFor(options);
  try {
    await exportParquet(environment.staging, staged, { file, asText: stagedAsText, storedName: dialect.storedName });
    await put(client, { bucket, key, file }, environment.signal);
    await run(copyStaged(table, `s3://${bucket}/${key}`, options));
  } finally {
    await rm(file, { force: true });
    // A file that stays behind does no harm, since its name is never used again, and a later run removes it.
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })).catch(() => undefined);
    client.destroy();
  }
}

/** Begins the name of every object of ours, and of nobody else's. */
export const stagedPrefix = 'dagster-tiktok-ads-staged-';

/** The bucket, and the folder with a slash behind it; none means the bucket's root. */
export function placeOf(address: string): { readonly bucket: string; readonly folder: string } {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(address) ?? [];
  return { bucket, folder: prefix === '' ? '' : `${prefix}/` };
}

export function clientFor(options: RedshiftOptions): S3Client {
  const { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey, aws_session_token: sessionToken } = options;
  const keys = accessKeyId === undefined || secretAccessKey === undefined ? null : { accessKeyId, secretAccessKey };
  return new S3Client({
    ...(options.aws_region === undefined ? {} : { region: options.aws_region }),
    ...(options.s3_endpoint === undefined ? {} : { endpoint: options.s3_endpoint, forcePathStyle: true }),
    ...(keys === null ? {} : { credentials: { ...keys, ...(sessionToken === undefined ? {} : { sessionToken }) } }),
  });
}

interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly file: string;
}

async function put(client: S3Client, { bucket, key, file }: Upload, signal: AbortSignal): Promise<void> {
  const { size } = await stat(file);
  const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: createReadStream(file), ContentLength: size });
  try {
    await client.send(command, { abortSignal: signal });
  } catch (cause) {
    signal.throwIfAborted();
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    const refused = /AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|NoSuchBucket|credentials/i.test(why);
    throw new DestinationError(`S3 bucket ${bucket}: the staged rows cannot be written (${why})`, {
      code: refused ? 'permission' : 'unreachable',
      retryable: !refused,
      hint: 'Check `s3_staging`, `aws_region` and the AWS keys or identity in `destination_config`; they need s3:PutObject and s3:DeleteObject there.',
      cause,
    });
  }
}

/** COPY takes no parameters; the keys in it never reach a message. */
export function copyStaged(
  table: string,
  object: string,
  options: Pick<RedshiftOptions, 'iam_role' | 'aws_access_key_id' | 'aws_secret_access_key' | 'aws_session_token'>,
): Statement {
  const { iam_role: role, aws_access_key_id: id = '', aws_secret_access_key: secret = '', aws_session_token: session } = options;
  const token = session === undefined ? '' : ` SESSION_TOKEN ${dialect.literal(session)}`;
  const keys = `ACCESS_KEY_ID ${dialect.literal(id)} SECRET_ACCESS_KEY ${dialect.literal(secret)}${token}`;
  const authorization = role === undefined ? keys : role === 'default' ? 'IAM_ROLE default' : `IAM_ROLE ${dialect.literal(role)}`;
  return { sql: `COPY ${table} FROM ${dialect.literal(object)} ${authorization} FORMAT AS PARQUET` };
}
