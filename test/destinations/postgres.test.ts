import { afterAll, beforeAll, describe } from 'vitest';
import { postgres } from '../../src/destinations/postgres.ts';
import { destinationContract } from '../contract/destination.ts';
import { type PostgresServer, startPostgres } from './servers/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

describe('PostgreSQL', () => {
  destinationContract({
    definition: postgres,
    given: (datasetName) => ({ config: { credentials: server.url }, url: null, datasetName, directory: '/' }),
    nestedSpend: "metrics->>'spend'",
    narrowInteger: 'INTEGER',
    floatingPoint: 'DOUBLE PRECISION',
    shortText: 'CHARACTER VARYING(20)',
  });
});
