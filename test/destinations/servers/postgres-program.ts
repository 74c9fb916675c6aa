/** A real PostgreSQL server for tests in other languages: prints its URL as one JSON line, and ends when its standard input does. */
import { startPostgres } from './postgres.ts';

const server = await startPostgres();
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
process.stdin.resume();
await new Promise((resolve) => process.stdin.once('end', resolve));
await server.stop();
