import { z } from 'zod';
import { givenOptions } from './credentials.ts';
import type { Capabilities, DestinationDefinition } from './destination.ts';
import { postgresDialect } from './postgres-dialect.ts';
import { serverOptions } from './postgres-options.ts';

const options = z.strictObject({
  ...serverOptions,
  port: z.coerce.number().int().positive().default(5432).describe('Port of the server.'),
});

export type PostgresOptions = z.output<typeof options>;

const capabilities: Capabilities = {
  stagingFormat: 'csv',
  mergeInTransaction: true,
  transactionalDdl: true,
  identifierBytesMax: 63,
  textBytesMax: null,
  columnComments: true,
};

const synonyms = { user: 'username', db: 'database', dbname: 'database', connect_timeout: 'connect_timeout_seconds' };

export const postgres: DestinationDefinition = {
  name: 'postgres',
  summary: 'PostgreSQL 13 or later, loaded with COPY.',
  options,
  otherNames: synonyms,
  optionsFrom: (given) =>
    givenOptions(given, {
      schemes: ['postgresql', 'postgres'],
      synonyms,
      path: ['database'],
      example: 'postgresql://user:password@host:5432/database?sslmode=require',
    }),
  capabilities,
  dialect: postgresDialect,
  connect: async (given, environment) => {
    const { openPostgres } = await import('./postgres-session.ts');
    return openPostgres(options.parse(given), environment);
  },
};
