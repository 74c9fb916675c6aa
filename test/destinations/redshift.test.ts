import { afterAll, beforeAll, describe } from 'vitest';
import { redshift } from '../../src/destinations/redshift.ts';
import { destinationContract } from '../contract/destination.ts';
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

const facts = { definition: redshift, nestedSpend: "metrics->>'spend'", narrowInteger: 'INTEGER', takesLongNames: false };
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
