import { Readable } from 'node:stream';
import pg from 'pg';
import type { SqlValue, Statement } from './destination.ts';

/** Rows that may wait before the server is made to wait. */
const waitingRowsMax = 2000;

/**
 * The rows of one query as the server sends them, values as its texts. While nobody takes rows nothing is read from the socket, so the
 * server waits and memory stays flat. That needs no cursor, and so no transaction, and none of the limits that Redshift sets to one.
 */
export function streamRows(client: pg.Client, { sql, parameters = [] }: Statement): AsyncIterable<readonly SqlValue[]> {
  const socket = client.connection.stream;
  const config: pg.QueryArrayConfig = {
    text: sql,
    values: [...parameters],
    rowMode: 'array',
    types: { getTypeParser: () => (text: string) => text },
  };
  const query = new pg.Query<SqlValue[]>(config);
  const rows = new Readable({
    objectMode: true,
    highWaterMark: waitingRowsMax,
    read: () => void socket.resume(),
    destroy: (error, done) => {
      // What is still to come has to be read before the connection can serve again.
      socket.resume();
      done(error);
    },
  });
  query.on('row', (row) => {
    if (!rows.destroyed && !rows.push(row)) socket.pause();
  });
  query.on('error', (error) => rows.destroy(error));
  query.on('end', () => {
    if (!rows.destroyed) rows.push(null);
  });
  client.query(query);
  return rows;
}
