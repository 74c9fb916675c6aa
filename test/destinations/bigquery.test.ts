import { afterAll, beforeAll, describe } from 'vitest';
import { bigquery } from '../../src/destinations/bigquery.ts';
import { destinationContract } from '../contract/destination.ts';
import { type BigQueryServer, startBigQueryEmulator } from './servers/bigquery.ts';

let server: BigQueryServer;
beforeAll(async () => {
  server = await startBigQueryEmulator('shop');
});
afterAll(() => server.stop());

describe('The BigQuery emulator', () => {
  destinationContract({
    definition: bigquery,
    given: (datasetName) => ({
      config: { credentials: 'bigquery://shop/', access_token: 'emulator', api_endpoint: server.apiEndpoint },
      url: null,
      datasetName,
      directory: '/',
    }),
    nestedSpend: 'metrics.spend',
    narrowInteger: 'FLOAT64',
    floatingPoint: 'FLOAT64',
    shortText: 'STRING(20)',
  });
});
