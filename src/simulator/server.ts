import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { serveApi } from './api.ts';
import { control } from './control.ts';
import { type Route, readBody, send } from './http.ts';
import { csvText } from './report-csv.ts';
import type { Simulation } from './simulation.ts';

/** The HTTP server of a simulation; not listening yet. */
export function createSimulatorServer(simulation: Simulation): Server {
  return createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    serve(simulation, request, response).catch((error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (response.headersSent) response.destroy();
      else send(response, 500, 'text/plain; charset=utf-8', Buffer.from(`The simulator itself failed: ${text}\n`));
    });
  });
}

async function serve(simulation: Simulation, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const origin = `http://${request.headers.host ?? 'localhost'}`;
  const route: Route = { url: new URL(request.url ?? '/', origin), method: request.method ?? 'GET', origin };
  const { pathname } = route.url;
  if (pathname.startsWith('/_control/')) await serveControl(simulation, request, response, route);
  else if (pathname.startsWith('/_files/')) serveFile(simulation, response, route);
  else await serveApi(simulation, request, response, route);
}

async function serveControl(
  simulation: Simulation,
  request: IncomingMessage,
  response: ServerResponse,
  { url, method }: Route,
): Promise<void> {
  const body = method === 'GET' ? undefined : await readBody(request);
  const answer = control(simulation, { method, path: url.pathname.slice('/_control/'.length), body });
  send(response, answer.status, 'application/json', Buffer.from(JSON.stringify(answer.body)));
}

/** The file of a finished asynchronous report; its address is the key to it. */
function serveFile(simulation: Simulation, response: ServerResponse, { url }: Route): void {
  const [id = ''] = url.pathname.slice('/_files/'.length).split('/');
  const task = simulation.tasks.find(id, url.searchParams.get('advertiser_id') ?? '');
  if (task?.status !== 'SUCCESS') send(response, 404, 'text/plain', Buffer.from('404 page not found'));
  else send(response, 200, 'text/csv', Buffer.from(csvText(task.sections(), task.translated)));
}
