import { z } from 'zod';

const missing = (what: string): string => `is missing: ${what}`;

/** Fields of a server that speaks PostgreSQL's protocol. */
export const serverOptions = {
  host: z
    .string(missing('the server’s host name'))
    .min(1)
    .describe('Name or address of the server; a folder means its Unix socket.'),
  database: z.string(missing('the database')).min(1).describe('The database.'),
  username: z.string(missing('the user to log in as')).min(1).describe('The user to log in as; `user` means the same.'),
  password: z.string().optional().describe('Its password. Write a reference such as `${PASSWORD}`.'),
  sslmode: z
    .enum(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'])
    .default('prefer')
    .describe(
      'As libpq has it: `prefer` encrypts if the server can, `require` insists, `verify-ca` and `verify-full` check the certificate.',
    ),
  sslrootcert: z.string().optional().describe('Path of a PEM file: the authorities to trust.'),
  sslcert: z.string().optional().describe('Path of a PEM file: the client’s certificate.'),
  sslkey: z.string().optional().describe('Path of a PEM file: the key of the client’s certificate.'),
  connect_timeout_seconds: z.coerce.number().positive().default(30).describe('How long to wait for a connection.'),
  lock_timeout_seconds: z.coerce
    .number()
    .nonnegative()
    .default(600)
    .describe('How long to wait for a table that another session has locked.'),
  dataset: z.string().min(1),
} as const;

const _schema = z.object({ ...serverOptions, port: z.number() });

/** What a connection needs to know of them. */
export type ServerOptions = Omit<z.output<typeof _schema>, 'lock_timeout_seconds'>;
