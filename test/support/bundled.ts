import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Bundles the program anew if a source file has changed, since tests start it as a process of its own. */
export default function bundle(): void {
  const setup = join(import.meta.dirname, '..', '..', 'scripts', 'setup.mjs');
  const { status } = spawnSync(process.execPath, [setup, '--node-only'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('The program could not be bundled: see above.');
}
