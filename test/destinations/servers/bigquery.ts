import { join } from 'node:path';
import { freePort } from '../../support/loopback.ts';
import { startEmulator } from './emulator.ts';

export interface BigQueryServer {
  readonly apiEndpoint: string;
  readonly stop: () => Promise<void>;
}

/** An emulator of BigQuery's REST API on DuckDB's SQL, with one project. */
export async function startBigQueryEmulator(project: string): Promise<BigQueryServer> {
  const [port, grpcPort] = [await freePort(), await freePort()];
  const args = [
    'start',
    '--rest-port',
    String(port),
    '--grpc-port',
    String(grpcPort),
    '--project',
    project,
    '--log-level',
    'error',
  ];
  const emulator = await startEmulator('bigquery', [join(import.meta.dirname, 'bigquery_emulator.py'), ...args], port);
  return { apiEndpoint: `http://127.0.0.1:${port}`, stop: emulator.stop };
}
