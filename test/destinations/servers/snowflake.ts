import { join } from 'node:path';
import snowflakeSdk from 'snowflake-sdk';
import { freePort } from '../../support/loopback.ts';
import { startEmulator } from './emulator.ts';

export interface SnowflakeServer {
  readonly accessUrl: string;
  readonly stop: () => Promise<void>;
}

/** An emulator of Snowflake's wire protocol on DuckDB's SQL, with the databases that are named. */
export async function startSnowflakeEmulator(databases: readonly string[]): Promise<SnowflakeServer> {
  const port = await freePort();
  const emulator = await startEmulator('snowflake', [join(import.meta.dirname, 'snowflake_emulator.py'), String(port)], port);
  const accessUrl = `http://127.0.0.1:${port}`;
  snowflakeSdk.configure({ logLevel: 'OFF', additionalLogToConsole: false });
  const admin = snowflakeSdk.createConnection({ account: 'test', username: 'admin', password: 'admin', accessUrl });
  await new Promise<void>((resolve, reject) => admin.connect((error) => (error ? reject(error) : resolve())));
  for (const name of databases) {
    await new Promise<void>((resolve, reject) => {
      admin.execute({
        sqlText: `CREATE DATABASE IF NOT EXISTS ${name}`,
        complete: (error) => (error ? reject(error) : resolve()),
      });
    });
  }
  return {
    accessUrl,
    stop: async () => {
      await new Promise<void>((resolve) => admin.destroy(() => resolve()));
      await emulator.stop();
    },
  };
}
