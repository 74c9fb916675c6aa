/**
 * Takes the pictures of the documentation: `node scripts/screenshot.mjs`. They are taken by the browser suite where it looks at the
 * same pages, so each shows what is tested.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment, packageScript, pinnedNode, root } from './lib/paths.mjs';
import { run } from './lib/processes.mjs';

const images = join(root, 'docs', 'images');
const bytesMax = 200 * 1024;

const suite = [packageScript('vitest', 'vitest.mjs'), 'run', '--config', 'test/browser/vitest.config.ts'];
const { code } = await run(pinnedNode(), suite, {
  cwd: root,
  env: cleanEnvironment({ TIKTOK_ADS_PICTURES: images }),
  timeoutMs: 480_000,
  onLine: (line) => console.log(line),
});
const tooLarge = readdirSync(images).filter((name) => statSync(join(images, name)).size > bytesMax);
if (tooLarge.length > 0) console.error(`larger than ${bytesMax / 1024} KB: ${tooLarge.join(', ')}`);
console.log(`pictures are in ${images}`);
process.exitCode = code !== 0 || tooLarge.length > 0 ? 1 : 0;
