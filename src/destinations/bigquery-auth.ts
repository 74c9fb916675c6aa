import { readFileSync } from 'node:fs';
import { type AuthClient, JWT, OAuth2Client, UserRefreshClient } from 'google-auth-library';
import { z } from 'zod';
import { ConfigError } from '../errors.ts';
import type { BigQueryOptions } from './bigquery.ts';

export interface BigQueryAuth {
  /** Null: application default credentials, which the library finds by itself. */
  readonly authClient: AuthClient | null;
  readonly projectId: string | null;
}

const scopes = ['https://www.googleapis.com/auth/bigquery'];

const keyFile = z.union([
  z.object({
    type: z.literal('service_account').optional(),
    client_email: z.string(),
    private_key: z.string(),
    project_id: z.string().optional(),
  }),
  z.object({
    type: z.literal('authorized_user'),
    client_id: z.string(),
    client_secret: z.string(),
    refresh_token: z.string(),
    quota_project_id: z.string().optional(),
  }),
]);

/** Who logs in. Throws ConfigError that names the parameter; what is refused by the service fails at the first call. */
export function authOf(options: BigQueryOptions): BigQueryAuth {
  const { access_token: token, private_key: key, client_email: email, credentials_path: path } = options;
  if (token !== undefined) {
    const authClient = new OAuth2Client();
    // The token is as it was given: without a date the library would try to renew it.
    authClient.setCredentials({ access_token: token, expiry_date: Number.MAX_SAFE_INTEGER });
    return { authClient, projectId: null };
  }
  if (key !== undefined) {
    if (email === undefined) throw wrong('client_email', 'is missing: the service account that the key belongs to');
    return { authClient: serviceAccount(email, key), projectId: null };
  }
  return path === undefined ? { authClient: null, projectId: null } : fromFile(path);
}

function fromFile(path: string): BigQueryAuth {
  const parsed = keyFile.safeParse(jsonOf(path));
  if (!parsed.success) throw wrong('credentials_path', `${path} is not the key of a service account or the login of a user`);
  const file = parsed.data;
  if ('private_key' in file)
    return { authClient: serviceAccount(file.client_email, file.private_key), projectId: file.project_id ?? null };
  const { client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken } = file;
  return {
    authClient: new UserRefreshClient({ clientId, clientSecret, refreshToken }),
    projectId: file.quota_project_id ?? null,
  };
}

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw wrong('credentials_path', `the file ${path} cannot be read as JSON`, cause);
  }
}

/** Keys come out of environment variables with their line ends written as two characters. */
function serviceAccount(email: string, key: string): JWT {
  return new JWT({ email, key: key.replaceAll('\\n', '\n'), scopes });
}

function wrong(parameter: string, message: string, cause?: unknown): ConfigError {
  const path = `destination_config.${parameter}`;
  return new ConfigError(`${path}: ${message}.`, { issues: [{ path, message }], cause });
}
