import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort } from '../../support/loopback.ts';
import { startEmulator } from './emulator.ts';

export interface S3Server {
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

/** An emulator of S3 with one empty bucket. */
export async function startS3Emulator(bucket: string): Promise<S3Server> {
  const port = await freePort();
  const emulator = await startEmulator('s3', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], port);
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return { endpoint, stop: emulator.stop };
}
