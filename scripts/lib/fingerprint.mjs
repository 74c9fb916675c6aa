import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Tells whether any of the files changed, or lies elsewhere: a stamp with it says of what something was made. */
export function fingerprint(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}
