import { onTestFinished } from 'vitest';
import { openStaging, type Staging } from '../../src/extract/staging.ts';
import { temporaryFolder } from './folders.ts';

/** A staging database that is closed after the test. */
export async function testStaging(memoryLimitMb = 128): Promise<Staging> {
  const staging = await openStaging({
    parent: temporaryFolder('staging'),
    processId: process.pid,
    memoryLimitMb,
    threads: 1,
    isAlive: () => true,
  });
  onTestFinished(() => staging.close());
  return staging;
}
