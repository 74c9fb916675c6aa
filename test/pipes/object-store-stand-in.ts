import { createServer } from 'node:http';
import { listenOnLoopback } from '../support/loopback.ts';

/**
 * An HTTP server on loopback that keeps objects and answers the few requests of the S3, Google and Azure APIs which Pipes needs. It does not check
 * signatures: the same tests run against the vendors' emulators where their addresses are given.
 */
export interface ObjectStoreStandIn {
  readonly url: string;
  /** Objects by `bucket/key`. */
  readonly objects: ReadonlyMap<string, string>;
  /** Every request as `METHOD path`, with its headers. */
  readonly requests: readonly { readonly line: string; readonly headers: Readonly<Record<string, unknown>> }[];
  /** Answers the next `count` requests with 503. */
  readonly failNext: (count: number) => void;
  readonly close: () => Promise<void>;
}

export async function startObjectStore(): Promise<ObjectStoreStandIn> {
  const objects = new Map<string, string>();
  const requests: { readonly line: string; readonly headers: Readonly<Record<string, unknown>> }[] = [];
  let failures = 0;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer); // a request's body comes as Buffers
    const method = request.method ?? '';
    requests.push({ line: `${method} ${request.url ?? ''}`, headers: request.headers });
    if (failures > 0) {
      failures -= 1;
      response.writeHead(503).end('try later');
      return;
    }
    const place = objectName(new URL(request.url ?? '/', 'http://store'));
    if (method !== 'GET') {
      objects.set(place, Buffer.concat(parts).toString('utf8'));
      response.writeHead(method === 'PUT' && request.headers['x-ms-version'] !== undefined ? 201 : 200, { etag: '"1"' }).end();
      return;
    }
    const body = objects.get(place);
    if (body === undefined) response.writeHead(404).end('no such object');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  const port = await listenOnLoopback(server);
  return {
    url: `http://127.0.0.1:${port}`,
    objects,
    requests,
    failNext: (count) => {
      failures = count;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** S3 and Azure name the object in the path; Google in the path when read, in the query when written. */
function objectName(url: URL): string {
  const google = /^(?:\/upload)?\/storage\/v1\/b\/([^/]+)\/o(?:\/([^/]+))?$/.exec(url.pathname);
  if (google === null) return decodeURIComponent(url.pathname.slice(1));
  return `${google[1]}/${google[2] === undefined ? url.searchParams.get('name') : decodeURIComponent(google[2])}`;
}
