import { z } from 'zod';
import { bigqueryDialect } from './bigquery-dialect.ts';
import { givenOptions } from './credentials.ts';
import type { Capabilities, DestinationDefinition } from './destination.ts';

const options = z.strictObject({
  project_id: z
    .string()
    .min(1)
    .optional()
    .describe('The project; `project` means the same. Left out, the project of the credentials.'),
  location: z
    .string()
    .optional()
    .describe('Where a dataset that does not exist is made, such as `EU`; one that exists tells by itself.'),
  credentials_path: z.string().optional().describe('Path of a service account’s JSON key file; `key_file` means the same.'),
  private_key: z.string().optional().describe('The field of that name of a service account’s key, where there is no file.'),
  client_email: z.string().optional().describe('The field of that name of a service account’s key.'),
  access_token: z.string().optional().describe('A short-lived token, as `gcloud auth print-access-token` gives it.'),
  api_endpoint: z.url().optional().describe('Another address of the service, for private endpoints.'),
  lock_timeout_seconds: z.coerce
    .number()
    .nonnegative()
    .default(600)
    .describe('How long to try again when another session changes the same table.'),
  dataset: z.string().min(1),
});

export type BigQueryOptions = z.output<typeof options>;

/** Fields of a service account's JSON file that a login does not need. */
const unneeded = [
  'type',
  'private_key_id',
  'client_id',
  'auth_uri',
  'token_uri',
  'auth_provider_x509_cert_url',
  'client_x509_cert_url',
  'universe_domain',
  // A URL's second part; tables go to `dataset_name`.
  'url_dataset',
];

const capabilities: Capabilities = {
  stagingFormat: 'parquet',
  mergeInTransaction: true,
  transactionalDdl: false,
  identifierBytesMax: 300,
  textBytesMax: 10_000_000,
  columnComments: true,
};

const synonyms = {
  project: 'project_id',
  host: 'project_id',
  key_file: 'credentials_path',
  keyfile: 'credentials_path',
  path: 'credentials_path',
};

export const bigquery: DestinationDefinition = {
  name: 'bigquery',
  summary: 'Google BigQuery, loaded with load jobs.',
  options,
  otherNames: { ...synonyms, ...Object.fromEntries(['credentials_base64', ...unneeded].map((name) => [name, null])) },
  optionsFrom: (given) => {
    const parts = givenOptions(given, {
      schemes: ['bigquery'],
      synonyms,
      path: ['url_dataset'],
      example: 'bigquery://project/dataset?credentials_path=key.json',
    });
    const { credentials_base64: encoded, ...rest } = parts;
    const decoded = typeof encoded === 'string' ? parsedJson(Buffer.from(encoded, 'base64').toString()) : {};
    return Object.fromEntries(Object.entries({ ...decoded, ...rest }).filter(([name]) => !unneeded.includes(name)));
  },
  capabilities,
  dialect: bigqueryDialect,
  connect: async (given, environment) => {
    const { openBigQuery } = await import('./bigquery-session.ts');
    return openBigQuery(options.parse(given), environment);
  },
};

/** What is no JSON object lacks the fields that are asked for next. */
function parsedJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed !== null && typeof parsed === 'object' ? { ...parsed } : {};
  } catch {
    return {};
  }
}
