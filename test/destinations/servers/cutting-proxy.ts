import { connect, createServer, type Socket } from 'node:net';
import { listenOnLoopback } from '../../support/loopback.ts';

export interface CuttingProxy {
  readonly port: number;
  /**
   * Cuts the connection once, when the client sends these words: `before` the server gets them, or `after` it has answered, before
   * the client hears of it.
   */
  readonly cutAt: (words: string, moment: 'before' | 'after') => void;
  /** How often it has cut. */
  readonly cuts: () => number;
  /** Begins to look for the longest stretch that a client sends before the server answers. */
  readonly measure: () => void;
  /** Its bytes. */
  readonly longest: () => number;
  readonly stop: () => Promise<void>;
}

/** A network that fails at a chosen moment, between a client and a server on loopback. */
export async function startCuttingProxy(serverPort: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let planned: { readonly words: string; readonly moment: 'before' | 'after' } | null = null;
  let cuts = 0;
  let longest = 0;
  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    let cutting = false;
    let sent = 0;
    const cut = (): void => {
      cuts += 1;
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (bytes) => {
      sent += bytes.length;
      longest = Math.max(longest, sent);
      const plan = planned;
      if (plan === null || !bytes.includes(plan.words)) return void server.write(bytes);
      planned = null;
      if (plan.moment === 'before') return cut();
      cutting = true;
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      sent = 0;
      if (cutting) return cut();
      client.write(bytes);
    });
  });
  const port = await listenOnLoopback(proxy);
  return {
    port,
    cutAt: (words, moment) => {
      planned = { words, moment };
    },
    cuts: () => cuts,
    measure: () => {
      longest = 0;
    },
    longest: () => longest,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
