import { expect, test } from 'vitest';
import { DestinationError, describe } from '../src/errors.ts';

test('An error of closing does not hide the one that ended the run, nor whether that may be tried again', async () => {
  const failing = async (): Promise<void> => {
    await using resources = new AsyncDisposableStack();
    resources.defer(() => {
      throw new Error('could not be closed');
    });
    throw new DestinationError('The disk is full.', { code: 'disk_full', retryable: true, hint: 'Free some space.' });
  };
  const error: unknown = await failing().catch((thrown: unknown) => thrown);
  expect(error).not.toBeInstanceOf(DestinationError);
  expect(describe(error)).toMatchObject({ kind: 'destination', code: 'disk_full', retryable: true, hint: 'Free some space.' });
});
