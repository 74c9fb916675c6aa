import type { IncomingMessage, ServerResponse } from 'node:http';

/** Where a request goes. */
export interface Route {
  readonly url: URL;
  readonly method: string;
  /** `http://host:port`, as the client wrote it. */
  readonly origin: string;
}

/** Larger bodies are not read to their end. */
const bodyBytesMax = 4_000_000;

export function send(response: ServerResponse, status: number, contentType: string, body: Buffer): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': body.length });
  response.end(body);
}

export function headerText(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The JSON of a body; undefined if it is none. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    // A request that was not given an encoding yields buffers.
    const bytes = chunk as Buffer;
    chunks.push(bytes);
    size += bytes.length;
    if (size > bodyBytesMax) return undefined;
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}
