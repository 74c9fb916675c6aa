import { z } from 'zod';
import { givenOptions } from './credentials.ts';
import type { Capabilities, DestinationDefinition } from './destination.ts';
import { snowflakeDialect } from './snowflake-dialect.ts';

const missing = (what: string): string => `is missing: ${what}`;

const options = z
  .strictObject({
    account: z.string(missing('the account identifier, such as myorg-account1')).min(1),
    username: z.string(missing('the user to log in as')).min(1).optional(),
    password: z.string().optional(),
    /** For key-pair login: the key as PEM text, or the path of its file. */
    private_key: z.string().optional(),
    private_key_path: z.string().optional(),
    private_key_passphrase: z.string().optional(),
    /** An OAuth token, or a programmatic access token. */
    token: z.string().optional(),
    authenticator: z.enum(['snowflake', 'snowflake_jwt', 'oauth', 'programmatic_access_token']).optional(),
    database: z.string(missing('the database')).min(1),
    warehouse: z.string().optional(),
    role: z.string().optional(),
    /** The login's current schema. Tables go to `dataset_name`. */
    schema: z.string().optional(),
    /** For private links: the whole address of the service. */
    access_url: z.url().optional(),
    connect_timeout_seconds: z.coerce.number().positive().default(60),
    /** How long to wait for a table that another session has locked. */
    lock_timeout_seconds: z.coerce.number().int().nonnegative().default(600),
    dataset: z.string().min(1),
  })
  .superRefine((parsed, context) => {
    const ways = [parsed.password, parsed.private_key ?? parsed.private_key_path, parsed.token].filter(
      (way) => way !== undefined,
    );
    if (ways.length === 0) {
      context.addIssue({
        code: 'custom',
        path: ['password'],
        message: 'is missing: give `password`, `private_key`, `private_key_path` or `token`',
      });
    }
    if (parsed.username === undefined && parsed.token === undefined) {
      context.addIssue({ code: 'custom', path: ['username'], message: missing('the user to log in as') });
    }
  });

export type SnowflakeOptions = z.output<typeof options>;

const capabilities: Capabilities = {
  stagingFormat: 'parquet',
  mergeInTransaction: true,
  transactionalDdl: false,
  identifierBytesMax: 255,
  textBytesMax: 16_777_216,
  columnComments: true,
};

export const snowflake: DestinationDefinition = {
  name: 'snowflake',
  summary: 'Snowflake, loaded with PUT and COPY INTO.',
  options,
  optionsFrom: (given) =>
    givenOptions(given, {
      schemes: ['snowflake'],
      synonyms: { user: 'username', host: 'account', db: 'database', passphrase: 'private_key_passphrase' },
      path: ['database', 'schema'],
      example: 'snowflake://user:password@account/database/schema?warehouse=my_warehouse&role=my_role',
    }),
  capabilities,
  dialect: snowflakeDialect,
  connect: async (given, environment) => {
    const { openSnowflake } = await import('./snowflake-session.ts');
    return openSnowflake(options.parse(given), environment);
  },
};
