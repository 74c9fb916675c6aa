import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const packages = ['chromium', 'fonts-dejavu-core'];
const apt = '/usr/bin/apt-get';
const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/**
 * Path of a Chromium: the one that the environment variable CHROMIUM names, else one on the PATH, else one that is installed now,
 * which works for root on Debian and its kin. Throws one sentence that says what to do.
 */
export function findChromium() {
  const named = process.env['CHROMIUM'];
  if (named) {
    if (existsSync(named)) return named;
    throw new Error(`CHROMIUM names ${named}, which is no file: correct it, or unset it to use the one on the PATH.`);
  }
  return installed() ?? install();
}

function installed() {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return [...folders.flatMap((folder) => names.map((name) => join(folder, name))), mac].find((path) => existsSync(path));
}

function install() {
  const advice = `install it (\`apt-get install -y --no-install-recommends ${packages.join(' ')}\`), or name one in CHROMIUM`;
  if (!existsSync(apt) || process.getuid?.() !== 0)
    throw new Error(`The browser suite needs Chromium, and none was found: ${advice}.`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-q'],
    ['install', '-y', '-q', '--no-install-recommends', ...packages],
  ]) {
    const { status, stdout, stderr } = spawnSync(apt, args, { env, encoding: 'utf8', timeout: 170_000 });
    const said = `${stdout}${stderr}`.trim().split('\n').slice(-5).join(' | ');
    if (status !== 0)
      throw new Error(`The browser suite needs Chromium, and \`apt-get ${args[0]}\` failed (${said}): ${advice}.`);
  }
  const path = installed();
  if (!path) throw new Error(`apt-get installed ${packages[0]}, but it is not on the PATH: name it in CHROMIUM.`);
  return path;
}
