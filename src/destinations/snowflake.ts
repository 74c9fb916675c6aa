import { z } from 'zod';
import { givenOptions } from './credentials.ts';
import type { Capabilities, DestinationDefinition } from './destination.ts';
import { snowflakeDialect } from './snowflake-dialect.ts';

const missing = (what: string): string => `is missing: ${what}`;

const options = z
  .strictObject({
    account: z
      .string(missing('the account identifier, such as myorg-account1'))
      .min(1)
      .describe('The account identifier, such as `myorg-account1`; in a URL it stands for the host.'),
    username: z
      .string(missing('the user to log in as'))
      .min(1)
      .optional()
      .describe('The user to log in as; `user` means the same. A token needs none.'),
    password: z.string().optional().describe('Its password. Write a reference such as `${PASSWORD}`.'),
    private_key: z.string().optional().describe('For key-pair login: the key as PEM text. `\\n` may stand for line ends.'),
    private_key_path: z.string().optional().describe('For key-pair login: the path of the key’s PEM file.'),
    private_key_passphrase: z.string().optional().describe('What the key is encrypted with.'),
    token: z.string().optional().describe('An OAuth token, or a programmatic access token.'),
    authenticator: z
      .enum(['snowflake', 'snowflake_jwt', 'oauth', 'programmatic_access_token'])
      .optional()
      .describe('How to log in; left out, by what is given: a key, a token or a password.'),
    database: z.string(missing('the database')).min(1).describe('The database.'),
    warehouse: z.string().optional().describe('The virtual warehouse that does the work; left out, the user’s default.'),
    role: z.string().optional().describe('The role; left out, the user’s default.'),
    schema: z.string().optional().describe('The login’s current schema. Tables go to `dataset_name`.'),
    access_url: z.url().optional().describe('For private links: the whole address of the service.'),
    connect_timeout_seconds: z.coerce.number().positive().default(60).describe('How long to wait for a login.'),
    lock_timeout_seconds: z.coerce
      .number()
      .int()
      .nonnegative()
      .default(600)
      .describe('How long to wait for a table that another session has locked.'),
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

const synonyms = { user: 'username', host: 'account', db: 'database', passphrase: 'private_key_passphrase' };

export const snowflake: DestinationDefinition = {
  name: 'snowflake',
  summary: 'Snowflake, loaded with PUT and COPY INTO.',
  options,
  otherNames: synonyms,
  optionsFrom: (given) =>
    givenOptions(given, {
      schemes: ['snowflake'],
      synonyms,
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
