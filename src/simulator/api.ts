import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import type { Account } from './account.ts';
import type { Answer, Call, Endpoint } from './endpoints/endpoint.ts';
import { endpoints, slashOptional } from './endpoints/index.ts';
import { payloadText } from './entities/records.ts';
import { beginEnvelope, refusalEnvelope } from './envelope.ts';
import { applyBefore, bodyOf, type Delivery, deliver } from './fault-effects.ts';
import { headerText, type Route, readBody, send } from './http.ts';
import { bodyParameters, isRecord, missing, queryParameters } from './parameters.ts';
import { parameterError, Refusal } from './refusal.ts';
import { accountOf, appOf, type Simulation } from './simulation.ts';

const base = '/open_api/v1.3/';

/** What is known of a request while it is answered; the statistics get it in the end. */
interface Seen {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly parameters: Readonly<Record<string, string>>;
  readonly accessToken: string | undefined;
  appId: string | null;
  fault: string | null;
}

/** How a request ends. */
type Outcome =
  | { readonly kind: 'plain'; readonly status: number; readonly text: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly throttled: boolean }
  | { readonly kind: 'faulty'; readonly instead: NonNullable<Delivery['instead']> }
  | { readonly kind: 'answered'; readonly answer: Answer; readonly delivery: Delivery };

/** Answers a request of the API: path, token, quota, faults, and then the endpoint itself. */
export async function serveApi(
  simulation: Simulation,
  request: IncomingMessage,
  response: ServerResponse,
  route: Route,
): Promise<void> {
  const at = simulation.realNow();
  simulation.recorder.began(at);
  const { pathname, searchParams } = route.url;
  const path = pathname.startsWith(base) ? pathname.slice(base.length) : pathname;
  const body = route.method === 'POST' ? await readBody(request) : undefined;
  const parameters = isRecord(body) ? textsOf(body) : Object.fromEntries(searchParams);
  const accessToken = headerText(request, 'access-token');
  const seen: Seen = { at, method: route.method, path, body, parameters, accessToken, appId: null, fault: null };
  const outcome = await decide(simulation, route, seen);
  const record = (answer: string, rows: number, bytes: number, throttled = false): void => {
    const { appId, fault } = seen;
    simulation.recorder.answered(
      { at, method: route.method, path, parameters, appId, answer, fault },
      { rows, bytes, throttled },
    );
  };
  switch (outcome.kind) {
    case 'plain':
      record(`http ${outcome.status}`, 0, 0);
      send(response, outcome.status, 'text/plain; charset=utf-8', Buffer.from(outcome.text));
      return;
    case 'refused': {
      const { code, message } = outcome.refusal;
      const text = Buffer.from(refusalEnvelope(code, message, simulation.clock.now()));
      record(String(code), 0, text.length, outcome.throttled);
      send(response, 200, 'application/json', text);
      return;
    }
    case 'faulty':
      record(outcome.instead.name, 0, 0);
      outcome.instead.run(response);
      return;
    case 'answered': {
      const { answer, delivery } = outcome;
      const whole = bytesOf(answer, simulation.clock.now());
      const sent = delivery.changesBody && answer.kind !== 'raw' ? bodyOf(whole, delivery.effects) : whole;
      record('0', answer.rows, sent.length);
      const isZipped = simulation.options.gzip && /\bgzip\b/.test(headerText(request, 'accept-encoding') ?? '');
      sendAnswer(response, sent, { headers: headersOf(answer, simulation.clock.now()), isZipped, delivery });
    }
  }
}

async function decide(simulation: Simulation, route: Route, seen: Seen): Promise<Outcome> {
  const { path, parameters, accessToken } = seen;
  const endpoint = endpoints.get(path) ?? (slashOptional.has(path) ? endpoints.get(`${path}/`) : undefined);
  if (!route.url.pathname.startsWith(base) || endpoint === undefined)
    return { kind: 'plain', status: 404, text: '404 page not found' };
  if (route.method !== endpoint.method) return { kind: 'plain', status: 405, text: '405 method not allowed' };
  const advertiserId = parameters['advertiser_id'];
  try {
    const app = endpoint.authenticated ? appOf(simulation, accessToken) : null;
    seen.appId = app?.appId ?? parameters['app_id'] ?? null;
    const throttle = simulation.quota.take({ appId: seen.appId ?? '', path, advertiserId });
    if (throttle !== undefined) return { kind: 'refused', refusal: throttle, throttled: true };
    simulation.recorder.granted(seen.at);
    const hits = simulation.faults.hit({ path, parameters, accessToken });
    if (hits.length > 0) seen.fault = hits.map((hit) => hit.name).join(', ');
    const effects = hits.map((hit) => hit.effect);
    await applyBefore(simulation, effects, { accessToken, advertiserId });
    const delivery = deliver(effects);
    if (delivery.instead !== undefined) return { kind: 'faulty', instead: delivery.instead };
    if (simulation.options.sandbox && !endpoint.sandbox) {
      throw new Refusal(40008, 'This endpoint is not supported in the sandbox environment.');
    }
    return { kind: 'answered', answer: endpoint.answer(callOf(simulation, { endpoint, app, seen, route })), delivery };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', refusal: error, throttled: false };
    throw error;
  }
}

interface CallParts {
  readonly endpoint: Endpoint;
  readonly app: Call['app'];
  readonly seen: Seen;
  readonly route: Route;
}

function callOf(simulation: Simulation, { endpoint, app, seen, route }: CallParts): Call {
  const { body, accessToken } = seen;
  if (endpoint.method === 'POST' && !isRecord(body)) throw parameterError('The request body is not a valid JSON object.');
  const parameters = isRecord(body) ? bodyParameters(body) : queryParameters(route.url.searchParams);
  function account(): Account {
    const id = parameters.text('advertiser_id');
    if (id === undefined) throw missing('advertiser_id');
    if (!/^\d+$/.test(id)) throw parameterError('advertiser_id: Not a valid id.');
    if (app === null) throw new Refusal(40104, 'Access token is null, you should set it in http header with key Access-Token.');
    return accountOf(simulation, app, id);
  }
  return { simulation, app, accessToken, parameters, account, origin: route.origin };
}

/** A body's fields as a query would write them. */
function textsOf(body: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

function bytesOf(answer: Answer, nowMs: number): Buffer {
  switch (answer.kind) {
    case 'envelope':
    case 'raw':
      return answer.body;
    case 'json':
      return Buffer.from(`${beginEnvelope(nowMs)}${answer.json}}`);
    case 'payload':
      return Buffer.from(`${beginEnvelope(nowMs)}${payloadText(answer.payload)}}`);
  }
}

function headersOf(answer: Answer, nowMs: number): Readonly<Record<string, string>> {
  const contentType = answer.kind === 'raw' ? answer.contentType : 'application/json';
  return {
    'content-type': contentType,
    'x-tt-logid': String(Math.floor(nowMs)),
    ...(answer.kind === 'envelope' ? answer.headers : {}),
  };
}

interface Sending {
  readonly headers: Readonly<Record<string, string>>;
  readonly isZipped: boolean;
  readonly delivery: Delivery;
}

function sendAnswer(response: ServerResponse, body: Buffer, { headers, isZipped, delivery }: Sending): void {
  if (delivery.sends !== undefined) {
    delivery.sends(response, body, headers);
  } else if (isZipped) {
    gzip(body, { level: 1 }, (_error, compressed) => {
      response.writeHead(200, { ...headers, 'content-encoding': 'gzip', 'content-length': compressed.length });
      response.end(compressed);
    });
  } else {
    response.writeHead(200, { ...headers, 'content-length': body.length });
    response.end(body);
  }
}
