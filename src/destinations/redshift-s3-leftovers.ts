import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ConnectEnvironment } from './destination.ts';
import type { RedshiftOptions } from './redshift.ts';
import { clientFor, placeOf, stagedPrefix } from './redshift-s3.ts';

/** An object is needed from its upload to the end of its COPY: one that is older was left behind by a run that was killed. */
const leftoverMs = 3600 * 1000;

export interface LeftoversRequest {
  readonly options: RedshiftOptions;
  /** `s3://bucket/prefix`. */
  readonly address: string;
  readonly environment: ConnectEnvironment;
}

/**
 * Removes what earlier runs left in the staging folder; only objects of ours, and none that another run may be loading just now. One page of
 * the listing each time: what is more, the next session takes. Whoever may not list there loads all the same.
 */
export async function removeLeftovers({ options, address, environment }: LeftoversRequest): Promise<void> {
  const { bucket, folder } = placeOf(address);
  const { now, signal, log } = environment;
  const client = clientFor(options);
  try {
    const listed = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: `${folder}${stagedPrefix}` }), {
      abortSignal: signal,
    });
    for (const { Key, LastModified } of listed.Contents ?? []) {
      if (LastModified === undefined || now() - LastModified.getTime() <= leftoverMs) continue;
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }), { abortSignal: signal });
    }
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    log(`S3 bucket ${bucket}: what killed runs may have left in ${address} could not be removed (${why}).`);
  } finally {
    client.destroy();
  }
}
