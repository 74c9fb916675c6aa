import { afterAll, beforeAll, describe } from 'vitest';
import { snowflake } from '../../src/destinations/snowflake.ts';
import { destinationContract } from '../contract/destination.ts';
import { type SnowflakeServer, startSnowflakeEmulator } from './servers/snowflake.ts';

let server: SnowflakeServer;
beforeAll(async () => {
  server = await startSnowflakeEmulator(['SHOP']);
});
afterAll(() => server.stop());

describe('The Snowflake emulator', () => {
  destinationContract({
    definition: snowflake,
    given: (datasetName) => ({
      config: { credentials: 'snowflake://me:secret@test/shop', access_url: server.accessUrl },
      url: null,
      datasetName,
      directory: '/',
    }),
    nestedSpend: 'METRICS:spend',
    narrowInteger: 'NUMBER(10,0)',
    floatingPoint: 'FLOAT',
    shortText: 'VARCHAR(20)',
    keepsWritersApart: false,
  });
});
