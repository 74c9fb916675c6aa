import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOnLoopback } from './loopback.ts';

export interface ScriptedServer {
  /** Base of the API, as a client gets it. */
  readonly url: string;
  /** What was asked, in order. */
  readonly requests: readonly ScriptedRequest[];
  readonly close: () => Promise<void>;
}

export interface ScriptedRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly at: number;
}

/** Answers one request; `number` counts from 1. */
export type Script = (response: ServerResponse, request: ScriptedRequest, number: number) => void;

/** A real HTTP server that answers as a script says. */
export async function startScriptedServer(script: Script): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  const server = createServer((message, response) => {
    const url = new URL(message.url ?? '/', 'http://localhost');
    const request = {
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: message.headers,
      at: Date.now(),
    };
    requests.push(request);
    script(response, request, requests.length);
  });
  const port = await listenOnLoopback(server);
  return {
    url: `http://127.0.0.1:${port}/open_api/v1.3/`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function sendJson(response: ServerResponse, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
  const body = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(body.length), ...headers });
  response.end(body);
}

/** TikTok's answer with a return code, which comes as HTTP 200. */
export function sendCode(response: ServerResponse, code: number, message = 'refused'): void {
  sendJson(response, { code, message, request_id: '202603101200000001', data: {} });
}

export function page(
  list: readonly unknown[],
  info: Partial<Record<'page' | 'page_size' | 'total_number' | 'total_page', number>> = {},
): unknown {
  const page_info = { page: 1, page_size: 1_000, total_number: list.length, total_page: 1, ...info };
  return { code: 0, message: 'OK', request_id: '202603101200000002', data: { list, page_info } };
}
