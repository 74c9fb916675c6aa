import { join } from 'node:path';
import { type BigQueryServer, startBigQueryEmulator } from '../destinations/servers/bigquery.ts';
import { type PostgresServer, startPostgres } from '../destinations/servers/postgres.ts';
import { type RedshiftStandIn, startRedshiftStandIn } from '../destinations/servers/redshift-stand-in.ts';
import { type S3Server, startS3Emulator } from '../destinations/servers/s3.ts';
import { type SnowflakeServer, startSnowflakeEmulator } from '../destinations/servers/snowflake.ts';

/** A destination that a whole run can load into. */
export interface LoadTarget {
  readonly destination: string;
  /** What a reader should know: the real thing, or what stands in for it. */
  readonly title: string;
  readonly start: () => Promise<StartedTarget>;
}

export interface StartedTarget {
  /** `destination` and `destination_config`, as YAML has them. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly stop: () => Promise<void>;
}

/** All five, in the order of their distance from the real thing. `folder`: for DuckDB's file. */
export function loadTargets(folder: () => string): readonly LoadTarget[] {
  return [
    {
      destination: 'duckdb',
      title: 'DuckDB',
      start: async () => ({
        attributes: { destination: 'duckdb', destination_config: { path: join(folder(), 'everywhere.duckdb') } },
        stop: async () => undefined,
      }),
    },
    { destination: 'postgres', title: 'PostgreSQL', start: startPostgresTarget },
    { destination: 'snowflake', title: 'the Snowflake emulator', start: startSnowflakeTarget },
    { destination: 'bigquery', title: 'the BigQuery emulator', start: startBigQueryTarget },
    { destination: 'redshift', title: 'the Redshift stand-in with an emulated S3', start: startRedshiftTarget },
  ];
}

async function startPostgresTarget(): Promise<StartedTarget> {
  const server: PostgresServer = await startPostgres();
  return {
    attributes: { destination: 'postgres', destination_config: { credentials: serverCredentials(server, server.port) } },
    stop: () => server.stop(),
  };
}

async function startSnowflakeTarget(): Promise<StartedTarget> {
  const server: SnowflakeServer = await startSnowflakeEmulator(['SHOP']);
  return {
    attributes: {
      destination: 'snowflake',
      destination_config: { credentials: 'snowflake://me:secret@test/shop', access_url: server.accessUrl },
    },
    stop: () => server.stop(),
  };
}

async function startBigQueryTarget(): Promise<StartedTarget> {
  const server: BigQueryServer = await startBigQueryEmulator('shop');
  return {
    attributes: {
      destination: 'bigquery',
      destination_config: { credentials: 'bigquery://shop/', access_token: 'emulator', api_endpoint: server.apiEndpoint },
    },
    stop: () => server.stop(),
  };
}

async function startRedshiftTarget(): Promise<StartedTarget> {
  const [server, s3]: [PostgresServer, S3Server] = await Promise.all([startPostgres(), startS3Emulator('staging')]);
  const standIn: RedshiftStandIn = await startRedshiftStandIn(server, s3.endpoint);
  return {
    attributes: {
      destination: 'redshift',
      destination_config: {
        credentials: serverCredentials(server, standIn.port),
        s3_staging: 's3://staging/loads',
        s3_endpoint: s3.endpoint,
        aws_region: 'us-east-1',
        aws_access_key_id: 'id',
        aws_secret_access_key: 'secret',
      },
    },
    stop: async () => {
      await standIn.stop();
      await Promise.all([server.stop(), s3.stop()]);
    },
  };
}

function serverCredentials(server: PostgresServer, port: number): Readonly<Record<string, unknown>> {
  return { host: '127.0.0.1', port, database: 'postgres', username: server.username, password: server.password };
}
