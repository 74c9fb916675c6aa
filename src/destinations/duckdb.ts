import { basename, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../errors.ts';
import type { Capabilities, DestinationDefinition, GivenCredentials } from './destination.ts';
import { duckdbDialect } from './duckdb-dialect.ts';

const defaultFile = 'tiktok_ads_warehouse.duckdb';

/** Catalogues every DuckDB has; a schema of the same name could not be told from them. */
const catalogNames = ['memory', 'system', 'temp'];

const options = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .describe('The file: a path, absolute or from the working directory of the run, or `duckdb:///path.duckdb`.'),
    dataset: z.string().min(1),
    lock_timeout_seconds: z.coerce
      .number()
      .nonnegative()
      .default(600)
      .describe('How long to wait for another process that has the file open.'),
  })
  .superRefine((parsed, context) => {
    const clash = [catalogName(parsed.path), ...catalogNames].find((name) => name.toLowerCase() === parsed.dataset.toLowerCase());
    if (clash === undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['path'],
      message:
        `DuckDB would open this as catalog \`${clash}\`, and the dataset is named \`${parsed.dataset}\` too: \`${clash}.table\` would be ambiguous. ` +
        'Rename the file, or set `dataset_name` to another name.',
    });
  });

export type DuckDbOptions = z.output<typeof options>;

const capabilities: Capabilities = {
  stagingFormat: 'in-place',
  mergeInTransaction: true,
  transactionalDdl: true,
  identifierBytesMax: 1000,
  textBytesMax: null,
  columnComments: true,
};

export const duckdb: DestinationDefinition = {
  name: 'duckdb',
  summary: `A DuckDB file (default \`${defaultFile}\` in the working directory). Nothing to set up.`,
  options,
  otherNames: { database: 'path' },
  optionsFrom,
  capabilities,
  dialect: duckdbDialect,
  connect: async (given, environment) => {
    const { openDuckDb } = await import('./duckdb-session.ts');
    return openDuckDb(options.parse(given), environment);
  },
};

/** Name under which DuckDB opens a file by default: what stands before the first point. */
export function catalogName(path: string): string {
  return basename(path).split('.')[0] ?? '';
}

function optionsFrom(given: GivenCredentials): unknown {
  const { credentials, path: pathOption, database, ...rest } = given.config ?? {};
  const named = credentialsOf(credentials);
  const written = pathOption ?? database ?? named.path ?? named.database ?? given.url ?? defaultFile;
  const { path: namedPath, database: namedDatabase, ...others } = named;
  const { path, ...fromUrl } = typeof written === 'string' ? fromText(written) : { path: written };
  return {
    ...others,
    ...rest,
    ...fromUrl,
    path: typeof path === 'string' ? resolve(given.directory, path) : path,
    dataset: given.datasetName,
  };
}

function credentialsOf(credentials: unknown): Readonly<Record<string, unknown>> {
  if (typeof credentials === 'string') return { path: credentials };
  return credentials !== null && typeof credentials === 'object' ? { ...credentials } : {};
}

/** A path, or `duckdb:///relative.duckdb` / `duckdb:////absolute.duckdb` as SQLAlchemy has it, with options behind a question mark. */
function fromText(text: string): Readonly<Record<string, unknown>> {
  if (/^(md|motherduck):/i.test(text) || /^duckdb:\/*md:/i.test(text)) throw unsupported('MotherDuck (`md:`) is not supported');
  const [place = '', query = ''] = text.split('?', 2);
  const match = /^duckdb:\/\/(?<host>[^/]*)\/?(?<path>.*)$/is.exec(place);
  const path =
    match?.groups === undefined ? place : decodeURIComponent(`${match.groups['host'] ?? ''}${match.groups['path'] ?? ''}`);
  if (path === '' || path === ':memory:') throw unsupported('A DuckDB database in memory would be gone when the run ends');
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path))
    throw unsupported(`This is not the path of a DuckDB file (\`${path.split('//')[0]}//…\`)`);
  return { ...Object.fromEntries(new URLSearchParams(query)), path };
}

function unsupported(message: string): ConfigError {
  return new ConfigError(`destination_config.credentials: ${message}.`, {
    hint: 'Give the path of a file on this machine, such as `{"credentials": "tiktok_ads_warehouse.duckdb"}`.',
    issues: [{ path: 'destination_config.credentials', message, allowed: 'path.duckdb, duckdb:///path.duckdb' }],
  });
}
