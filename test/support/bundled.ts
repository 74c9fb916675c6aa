import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../../scripts/lib/paths.mjs';

/** Bundles the program anew if a source file has changed, since tests start it as a process of its own. */
export default function bundle(): void {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'setup.mjs'), '--node-only'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('The program could not be bundled: see above.');
}
