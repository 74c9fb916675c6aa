import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';
import pg from 'pg';
import { listenOnLoopback } from '../../support/loopback.ts';
import type { PostgresServer } from './postgres.ts';

/** An error as the service reports it: all of these under SQLSTATE XX000. */
export interface Refusal {
  readonly message: string;
  readonly detail?: string;
}

export interface RedshiftStandIn {
  readonly port: number;
  /** Refuses statements without parameters that hold these words, so many of them. */
  readonly refuse: (words: string, refusal: Refusal, times?: number) => void;
  readonly stop: () => Promise<void>;
}

/** What Redshift refuses and PostgreSQL does not. */
const refusals: readonly (readonly [RegExp, string])[] = [
  [/\bon\s+conflict\b/i, 'syntax error at or near "conflict"'],
  [/\breturning\b/i, 'syntax error at or near "returning"'],
  [/\bcreate\s+(unique\s+)?index\b/i, 'SQL command "CREATE INDEX" not supported on Redshift tables.'],
  [/\bjsonb\b/i, 'Column type "jsonb" is unsupported'],
  [/\badd\s+column\s+if\s+not\s+exists\b/i, 'syntax error at or near "not"'],
  [/\balter\s+column\s+\S+\s+type\s+(?!varchar)/i, 'ALTER COLUMN TYPE is only supported for VARCHAR'],
  [/\bcopy\b[^;]*\bfrom\s+stdin\b/i, 'COPY FROM STDIN is not supported'],
  [/\bpg_advisory_\w+/i, 'function pg_advisory_xact_lock does not exist'],
];

const copyFromS3 = /^\s*COPY\s+(?<table>\S+)\s+FROM\s+'s3:\/\/(?<bucket>[^/']+)\/(?<prefix>[^']*)'(?<options>[\s\S]*)$/i;

/** Functions and the type that Redshift has for JSON, as far as the loads use them. */
const preparations = [
  'CREATE DOMAIN super AS json',
  "CREATE FUNCTION json_parse(given text) RETURNS super LANGUAGE sql IMMUTABLE AS 'SELECT given::super'",
  'CREATE FUNCTION object(VARIADIC "any") RETURNS json LANGUAGE internal IMMUTABLE AS \'json_build_object\'',
];

/**
 * A stand-in for Redshift: a real PostgreSQL behind a proxy that reads COPY from an S3 endpoint, drops what only Redshift knows of a
 * table, and refuses what Redshift refuses. It proves the protocol, the transactions and the SQL that both have in common.
 */
export async function startRedshiftStandIn(server: PostgresServer, s3Endpoint: string): Promise<RedshiftStandIn> {
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  for (const sql of preparations) await admin.query(sql);
  await admin.end();
  const sockets = new Set<Socket>();
  let planned: { readonly words: string; readonly refusal: Refusal; left: number } | null = null;
  const refusalOf: RefusalOf = (sql) => {
    if (planned === null || planned.left === 0 || !sql.includes(planned.words)) return null;
    planned.left -= 1;
    return planned.refusal;
  };
  const proxy = createServer((client) => {
    const upstream = connect(server.port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    relay(client, upstream, { s3Endpoint, refusalOf });
  });
  const port = await listenOnLoopback(proxy);
  return {
    port,
    refuse: (words, refusal, times = 1) => {
      planned = { words, refusal, left: times };
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

type RefusalOf = (sql: string) => Refusal | null;

interface RelayOptions {
  readonly s3Endpoint: string;
  readonly refusalOf: RefusalOf;
}

/** Passes messages on one by one; those of a client wait while a COPY of its own is served. */
function relay(client: Socket, upstream: Socket, { s3Endpoint, refusalOf }: RelayOptions): void {
  let started = false;
  let received: Buffer = Buffer.alloc(0);
  let turn: Promise<void> = Promise.resolve();
  let copying: { readonly rows: Buffer; readonly done: () => void } | null = null;
  let answered: Buffer = Buffer.alloc(0);

  client.on('data', (bytes) => {
    received = Buffer.concat([received, bytes]);
    for (let next = nextMessage(received, started); next !== null; next = nextMessage(received, started)) {
      const { message, rest } = next;
      received = rest;
      // The first message has no type; a request for encryption is answered with no.
      if (!started && message.readInt32BE(4) === 80_877_103) client.write('N');
      else if (!started) {
        started = true;
        upstream.write(message);
      } else turn = turn.then(() => handle(message));
    }
  });
  upstream.on('data', (bytes) => {
    if (copying === null) return void client.write(bytes);
    answered = Buffer.concat([answered, bytes]);
    for (let next = nextMessage(answered, true); next !== null; next = nextMessage(answered, true)) {
      answered = next.rest;
      const type = String.fromCharCode(next.message[0] ?? 0);
      if (type === 'G') upstream.write(Buffer.concat([messageOf('d', copying.rows), messageOf('c', Buffer.alloc(0))]));
      else client.write(next.message);
      if (type === 'Z') copying.done();
    }
  });

  const handle = async (message: Buffer): Promise<void> => {
    const type = String.fromCharCode(message[0] ?? 0);
    if (type !== 'Q' && type !== 'P') return void upstream.write(message);
    const at = type === 'P' ? message.indexOf(0, 5) + 1 : 5;
    const end = message.indexOf(0, at);
    const sql = message.subarray(at, end).toString();
    const refusal = refusals.find(([pattern]) => pattern.test(sql))?.[1];
    if (refusal !== undefined && type === 'Q') return void upstream.write(simpleQuery(failing(refusal)));
    const planned = type === 'Q' ? refusalOf(sql) : null;
    if (planned !== null) return void upstream.write(simpleQuery(failing(planned.message, { ...planned, code: 'XX000' })));
    const copy = copyFromS3.exec(sql)?.groups;
    if (copy !== undefined && type === 'Q') return serveCopy(copy);
    upstream.write(
      messageOf(type, Buffer.concat([message.subarray(5, at), Buffer.from(withoutAttributes(sql)), message.subarray(end)])),
    );
  };

  const serveCopy = async (copy: Readonly<Record<string, string>>): Promise<void> => {
    try {
      const rows = await rowsFromS3(copy, s3Endpoint);
      await new Promise<void>((done) => {
        copying = { rows, done };
        upstream.write(simpleQuery(`COPY ${copy['table']} FROM STDIN (FORMAT csv)`));
      });
      copying = null;
    } catch (error) {
      upstream.write(simpleQuery(failing(error instanceof Error ? error.message : String(error))));
    }
  };
}

function nextMessage(bytes: Buffer, typed: boolean): { readonly message: Buffer; readonly rest: Buffer } | null {
  const lengthAt = typed ? 1 : 0;
  if (bytes.length < lengthAt + 4) return null;
  const length = bytes.readInt32BE(lengthAt) + lengthAt;
  return bytes.length < length
    ? null
    : { message: Buffer.from(bytes.subarray(0, length)), rest: Buffer.from(bytes.subarray(length)) };
}

function messageOf(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function simpleQuery(sql: string): Buffer {
  return messageOf('Q', Buffer.from(`${sql}\0`));
}

function failing(
  message: string,
  { code = '42601', detail = '' }: { readonly code?: string; readonly detail?: string } = {},
): string {
  const using = `ERRCODE = '${code}', MESSAGE = $message$${message}$message$, DETAIL = $detail$${detail}$detail$`;
  return `DO $do$ BEGIN RAISE EXCEPTION USING ${using}; END $do$`;
}

function withoutAttributes(sql: string): string {
  if (!/^\s*CREATE\s/i.test(sql)) return sql;
  return sql.replace(/\s+DISTSTYLE\s+\w+/i, '').replace(/\s+COMPOUND\s+SORTKEY\s*\([^)]*\)/i, '');
}

/** The objects of a prefix as CSV; refuses what the service's COPY refuses. */
async function rowsFromS3(copy: Readonly<Record<string, string>>, endpoint: string): Promise<Buffer> {
  const { bucket = '', prefix = '', options = '' } = copy;
  if (!/\b(IAM_ROLE|CREDENTIALS|ACCESS_KEY_ID)\b/i.test(options)) throw new Error('COPY requires credentials');
  if (!/\bPARQUET\b/i.test(options)) throw new Error('the stand-in reads Parquet only');
  if (/\bREGION\b/i.test(options)) throw new Error('REGION argument is not supported for PARQUET based COPY');
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  const directory = mkdtempSync(join(tmpdir(), 'redshift-'));
  try {
    const listed = (await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }))).Contents ?? [];
    if (listed.length === 0) throw new Error(`The specified S3 prefix '${prefix}' does not exist`);
    const files = await Promise.all(
      listed.map(async ({ Key }, at) => {
        const body = (await client.send(new GetObjectCommand({ Bucket: bucket, Key }))).Body;
        const file = join(directory, `${at}.parquet`);
        writeFileSync(file, (await body?.transformToByteArray()) ?? '');
        return file;
      }),
    );
    const out = join(directory, 'rows.csv');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const names = files.map((file) => `'${file}'`).join(', ');
    await connection.run(`COPY (SELECT * FROM read_parquet([${names}])) TO '${out}' (FORMAT csv, HEADER false)`);
    connection.closeSync();
    instance.closeSync();
    return await readFile(out);
  } finally {
    client.destroy();
    rmSync(directory, { recursive: true, force: true });
  }
}
