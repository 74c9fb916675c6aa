import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { authOf } from '../../src/destinations/bigquery-auth.ts';
import { destinationNames, destinationOptions, destinations } from '../../src/destinations/index.ts';
import { ConfigError } from '../../src/errors.ts';

const directory = mkdtempSync(join(tmpdir(), 'credentials-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Config = Readonly<Record<string, unknown>> | null;
const parse = (name: string, config: Config, url: string | null = null) =>
  destinationOptions(name, { config, url, datasetName: 'ads', directory: '/' });

describe('The registry', () => {
  test('has every destination that the configuration may name, and refuses others with the names it has', () => {
    expect(destinations.map((destination) => destination.name)).toEqual([...destinationNames]);
    expect(() => parse('mysql', null)).toThrow(ConfigError);
    expect(() => parse('mysql', null)).toThrow(/no destination `mysql`/);
  });
});

describe('Snowflake’s credentials', () => {
  const same = { account: 'myorg-account1', username: 'me', password: 'p@ss', database: 'db', dataset: 'ads' };
  test.each([
    [
      { credentials: 'snowflake://me:p%40ss@myorg-account1/db/schema?warehouse=wh&role=loader' },
      { warehouse: 'wh', role: 'loader', schema: 'schema' },
    ],
    [
      { credentials: { user: 'me', password: 'p@ss', host: 'myorg-account1', database: 'db', warehouse: 'wh' } },
      { warehouse: 'wh' },
    ],
    [{ account: 'myorg-account1', username: 'me', password: 'p@ss', database: 'db' }, {}],
  ])('can be a URL or a mapping (%#)', (config, more) => {
    expect(parse('snowflake', config)).toMatchObject({ ...same, ...more });
  });

  test('may be a key pair or a token in place of a password', () => {
    const base = { account: 'a', database: 'db' };
    expect(parse('snowflake', { ...base, user: 'me', private_key_path: 'key.p8', passphrase: 'x' })).toMatchObject({
      private_key_passphrase: 'x',
    });
    expect(parse('snowflake', { ...base, token: 't', authenticator: 'oauth' })).toMatchObject({ token: 't' });
  });

  test.each([
    [{ credentials: 'snowflake://me:hidden@account' }, /database/],
    [{ credentials: 'snowflake://me@account/db' }, /password/],
    [{ credentials: 'snowflake://me:hidden@account/db?authenticator=externalbrowser' }, /authenticator/],
    [{ credentials: 'snowflake://me:hidden@account/db?wharehouse=x' }, /wharehouse/],
  ])('are refused with the name of the parameter and without its value (%#)', (config, words) => {
    expect(() => parse('snowflake', config)).toThrow(words);
    expect(() => parse('snowflake', config)).not.toThrow(/hidden/);
  });
});

describe('BigQuery’s credentials', () => {
  const account = {
    type: 'service_account',
    project_id: 'shop',
    private_key_id: '1',
    private_key: 'a\\nb',
    client_email: 'me@shop',
    client_id: '2',
    token_uri: 'https://x',
  };

  test('may be left to the machine, with nothing to configure', () => {
    expect(parse('bigquery', null)).toEqual({ dataset: 'ads', lock_timeout_seconds: 600 });
    expect(authOf({ dataset: 'ads', lock_timeout_seconds: 600 })).toEqual({ authClient: null, projectId: null });
  });

  test.each([
    [{ credentials: account }, null],
    [{ credentials: JSON.stringify(account) }, null],
    [
      {
        credentials: `bigquery://shop/ads?credentials_base64=${encodeURIComponent(Buffer.from(JSON.stringify(account)).toString('base64'))}`,
      },
      null,
    ],
  ])('can be a service account’s JSON, whole (%#)', (config, url) => {
    expect(parse('bigquery', config, url)).toMatchObject({ project_id: 'shop', private_key: 'a\\nb', client_email: 'me@shop' });
  });

  test('can be the path of a key file, which also tells the project', () => {
    const path = join(directory, 'key.json');
    writeFileSync(path, JSON.stringify(account));
    const options = { dataset: 'ads', lock_timeout_seconds: 600, credentials_path: path };
    expect(parse('bigquery', null, `bigquery://shop/ads?credentials_path=${path}&location=EU`)).toMatchObject({
      credentials_path: path,
      location: 'EU',
    });
    expect(authOf(options)).toMatchObject({ projectId: 'shop', authClient: { email: 'me@shop', key: 'a\nb' } });
  });

  test('that are incomplete or unreadable name the parameter and not its value', () => {
    const options = { dataset: 'ads', lock_timeout_seconds: 600 };
    const words = join(directory, 'words.json');
    writeFileSync(words, '{"private_key": "hidden"}');
    for (const credentials_path of ['/nowhere/key.json', words]) {
      expect(() => authOf({ ...options, credentials_path })).toThrow(/credentials_path/);
      expect(() => authOf({ ...options, credentials_path })).not.toThrow(/hidden/);
    }
    expect(() => authOf({ ...options, private_key: 'hidden' })).toThrow(/client_email/);
    expect(() => parse('bigquery', { credentials: 'bigquery://shop/ads?keyfiel=hidden' })).toThrow(/keyfiel/);
  });
});

describe('Redshift’s credentials', () => {
  const url = 'redshift://me:hidden@cluster.example.com:5439/dev';

  test('can be a URL, with the staging bucket beside it', () => {
    const role = 'arn:aws:iam::1:role/r';
    expect(parse('redshift', { s3_staging: 's3://bucket/prefix', iam_role: role }, url)).toMatchObject({
      host: 'cluster.example.com',
      database: 'dev',
      iam_role: role,
    });
    expect(parse('redshift', { credentials: url })).toMatchObject({ port: 5439, sslmode: 'prefer' });
  });

  test.each([
    [{ s3_staging: 's3://bucket/prefix' }, /iam_role/],
    [{ s3_staging: 'bucket/prefix', iam_role: 'default' }, /s3:\/\/bucket\/prefix/],
    [{ aws_access_key_id: 'hidden' }, /belong together/],
    [{ lock_timeout_secondz: 5 }, /lock_timeout_secondz/],
  ])('are refused with the name of the parameter and without its value (%#)', (config, words) => {
    expect(() => parse('redshift', config, url)).toThrow(words);
    expect(() => parse('redshift', config, url)).not.toThrow(/hidden/);
  });
});
