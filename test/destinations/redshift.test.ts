import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redshift } from '../../src/destinations/redshift.ts';
import { load } from '../../src/load/load.ts';
import { destinationContract } from '../contract/destination.ts';
import {
  advertiser,
  deleteInsert,
  january,
  openBench,
  reportColumns,
  reports,
  request,
  scope,
} from '../contract/destination-fixtures.ts';
import { type PostgresServer, startPostgres } from './servers/postgres.ts';
import { type RedshiftStandIn, startRedshiftStandIn } from './servers/redshift-stand-in.ts';
import { type S3Server, startS3Emulator } from './servers/s3.ts';

let server: PostgresServer;
let s3: S3Server;
let standIn: RedshiftStandIn;
beforeAll(async () => {
  [server, s3] = await Promise.all([startPostgres(), startS3Emulator('staging')]);
  standIn = await startRedshiftStandIn(server, s3.endpoint);
});
afterAll(async () => {
  await standIn?.stop();
  await Promise.all([server?.stop(), s3?.stop()]);
});

const facts = {
  definition: redshift,
  nestedSpend: "metrics->>'spend'",
  narrowInteger: 'INTEGER',
  floatingPoint: 'DOUBLE PRECISION',
  shortText: 'VARCHAR(20)',
  takesLongNames: false,
};
const credentials = () => ({
  host: '127.0.0.1',
  port: standIn.port,
  database: 'postgres',
  username: server.username,
  password: server.password,
});

describe('The Redshift stand-in with an emulated S3', () => {
  destinationContract({
    ...facts,
    given: (datasetName) => ({
      config: {
        credentials: credentials(),
        s3_staging: 's3://staging/loads',
        s3_endpoint: s3.endpoint,
        aws_region: 'us-east-1',
        aws_access_key_id: 'id',
        aws_secret_access_key: 'secret',
      },
      url: null,
      datasetName,
      directory: '/',
    }),
  });
});

describe('The Redshift stand-in without S3', () => {
  destinationContract({
    ...facts,
    given: (datasetName) => ({
      config: { credentials: credentials() },
      url: null,
      datasetName: `${datasetName}_rows`,
      directory: '/',
    }),
  });
});

describe('The staging bucket', () => {
  test('that does not exist is told in words, without the keys', async () => {
    const keys = { aws_access_key_id: 'hidden-id', aws_secret_access_key: 'hidden-secret', aws_region: 'us-east-1' };
    const config = { ...credentials(), ...keys, s3_staging: 's3://no-such-bucket/x', s3_endpoint: s3.endpoint };
    const bench = await openBench({
      definition: redshift,
      given: { config, url: null, datasetName: 'no_bucket', directory: '/' },
    });
    try {
      const staged = await bench.stage(reportColumns, [[advertiser, '2024-01-01', '11', '3', '1.50']]);
      const loaded = load(
        bench.session,
        request({ table: reports, staged, write: deleteInsert, scopes: [scope(advertiser, january)] }),
      );
      const error = await loaded.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'permission', retryable: false, message: expect.stringContaining('no-such-bucket') });
      expect(String(error)).not.toContain('hidden');
    } finally {
      await bench.close();
    }
  });
});
