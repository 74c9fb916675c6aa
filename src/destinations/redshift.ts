import { z } from 'zod';
import { givenOptions } from './credentials.ts';
import type { Capabilities, DestinationDefinition } from './destination.ts';
import { serverOptions } from './postgres-options.ts';
import { redshiftDialect } from './redshift-dialect.ts';

const options = z
  .strictObject({
    ...serverOptions,
    port: z.coerce.number().int().positive().default(5439).describe('Port of the cluster or workgroup.'),
    s3_staging: z
      .string()
      .regex(/^s3:\/\/[^/]+(\/.*)?$/, 'is not an address like s3://bucket/prefix')
      .optional()
      .describe('Where staged files go, `s3://bucket/prefix`. Without it rows are inserted by statements, which is much slower.'),
    iam_role: z
      .string()
      .optional()
      .describe('The role that lets Redshift read the bucket: its ARN, or `default` for the cluster’s default role.'),
    aws_access_key_id: z
      .string()
      .optional()
      .describe('A key in place of a role; it also writes the files. Without it the machine’s own AWS identity writes them.'),
    aws_secret_access_key: z.string().optional().describe('The secret of that key.'),
    aws_session_token: z.string().optional().describe('The session of a temporary key.'),
    aws_region: z.string().optional().describe('Region of the bucket.'),
    s3_endpoint: z.url().optional().describe('Another address of S3, for private endpoints.'),
  })
  .superRefine((parsed, context) => {
    const keys = [parsed.aws_access_key_id, parsed.aws_secret_access_key].filter((key) => key !== undefined).length;
    if (keys === 1) {
      context.addIssue({
        code: 'custom',
        path: ['aws_secret_access_key'],
        message: 'aws_access_key_id and aws_secret_access_key belong together',
      });
    }
    if (parsed.s3_staging !== undefined && parsed.iam_role === undefined && keys === 0) {
      context.addIssue({
        code: 'custom',
        path: ['iam_role'],
        message: 'is missing: s3_staging needs `iam_role`, or `aws_access_key_id` and `aws_secret_access_key`',
      });
    }
  });

export type RedshiftOptions = z.output<typeof options>;

const capabilities: Capabilities = {
  stagingFormat: 'parquet',
  mergeInTransaction: true,
  transactionalDdl: true,
  identifierBytesMax: 127,
  textBytesMax: 65_535,
  columnComments: true,
};

const synonyms = { user: 'username', db: 'database', dbname: 'database', connect_timeout: 'connect_timeout_seconds' };

export const redshift: DestinationDefinition = {
  name: 'redshift',
  summary: 'Amazon Redshift, loaded through S3 with COPY.',
  options,
  otherNames: synonyms,
  optionsFrom: (given) =>
    givenOptions(given, {
      schemes: ['redshift'],
      synonyms,
      path: ['database'],
      example: 'redshift://user:password@cluster.region.redshift.amazonaws.com:5439/database',
    }),
  capabilities,
  dialect: redshiftDialect,
  connect: async (given, environment) => {
    const { openRedshift } = await import('./redshift-session.ts');
    return openRedshift(options.parse(given), environment);
  },
};
