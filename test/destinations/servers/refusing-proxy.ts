import { createServer, request } from 'node:http';
import { listenOnLoopback } from '../../support/loopback.ts';

export interface HttpRefusal {
  readonly status: number;
  /** The body, as the service's documentation shows it. */
  readonly body: unknown;
}

export interface RefusingProxy {
  readonly port: number;
  /** Answers so many requests whose path and body hold these words in place of the server, which does not hear of them. */
  readonly refuse: (words: string, refusal: HttpRefusal, times?: number) => void;
  /** Lets everything through again. */
  readonly relent: () => void;
  /** How often it has refused. */
  readonly refusals: () => number;
  readonly stop: () => Promise<void>;
}

/** Stands before an emulator on loopback and refuses what the service would refuse and the emulator does not. */
export async function startRefusingProxy(serverPort: number): Promise<RefusingProxy> {
  let planned: { readonly words: string; readonly refusal: HttpRefusal; left: number } | null = null;
  let refusals = 0;
  const proxy = createServer(async (incoming, answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks);
    const said = `${incoming.method} ${incoming.url}\n${body.toString('latin1')}`;
    if (planned !== null && planned.left > 0 && said.includes(planned.words)) {
      planned.left -= 1;
      refusals += 1;
      answer.writeHead(planned.refusal.status, { 'content-type': 'application/json' });
      return void answer.end(JSON.stringify(planned.refusal.body));
    }
    const forwarded = request(
      { host: '127.0.0.1', port: serverPort, method: incoming.method, path: incoming.url, headers: incoming.headers },
      (received) => {
        answer.writeHead(received.statusCode ?? 502, received.headers);
        received.pipe(answer);
      },
    );
    forwarded.on('error', () => answer.destroy());
    forwarded.end(body);
  });
  const port = await listenOnLoopback(proxy);
  return {
    port,
    refuse: (words, refusal, times = 1) => {
      planned = { words, refusal, left: times };
    },
    relent: () => {
      planned = null;
    },
    refusals: () => refusals,
    stop: async () => {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
