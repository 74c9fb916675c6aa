import { z } from 'zod';

const missing = (what: string): string => `is missing: ${what}`;

/** Fields of a server that speaks PostgreSQL's protocol. */
export const serverOptions = {
  host: z.string(missing('the server’s host name')).min(1),
  database: z.string(missing('the database')).min(1),
  username: z.string(missing('the user to log in as')).min(1),
  password: z.string().optional(),
  /** As libpq has it: `prefer` encrypts if the server can, `require` insists, `verify-ca` and `verify-full` check the certificate. */
  sslmode: z.enum(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']).default('prefer'),
  /** Paths of PEM files. */
  sslrootcert: z.string().optional(),
  sslcert: z.string().optional(),
  sslkey: z.string().optional(),
  connect_timeout_seconds: z.coerce.number().positive().default(30),
  /** How long to wait for a table that another session has locked. */
  lock_timeout_seconds: z.coerce.number().nonnegative().default(600),
  dataset: z.string().min(1),
} as const;

const _schema = z.object({ ...serverOptions, port: z.number() });

/** What a connection needs to know of them. */
export type ServerOptions = Omit<z.output<typeof _schema>, 'lock_timeout_seconds'>;
