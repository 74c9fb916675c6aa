import { spawnSync } from 'node:child_process';

const names = {
  'index-url': 'UV_DEFAULT_INDEX',
  'extra-index-url': 'UV_INDEX',
  'find-links': 'UV_FIND_LINKS',
  cert: 'SSL_CERT_FILE',
};

/**
 * The environment to run uv in. uv does not read pip's settings: a mirror or a certificate that the user gave to pip is handed on.
 * `python` may be one of a virtual environment; the one it was made from is asked, which has pip.
 */
export function uvEnvironment(python) {
  const env = { ...process.env, UV_PYTHON_DOWNLOADS: 'never' };
  delete env.VIRTUAL_ENV;
  const base = ask(python, ['-c', 'import sys; print(getattr(sys, "_base_executable", sys.executable))']).trim();
  for (const line of ask(base || python, ['-m', 'pip', 'config', 'list']).split(/\r?\n/)) {
    const [, key, value] = /^(?:global|install|:env:)\.([\w-]+)='(.*)'$/.exec(line) ?? [];
    const name = names[key];
    if (name && env[name] === undefined) env[name] = value.replaceAll('\\n', ' ').trim();
  }
  return env;
}

/** What the program prints, or nothing if it fails. */
function ask(program, args) {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout : '';
}
