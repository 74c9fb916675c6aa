import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultEffect } from './fault-rules.ts';
import { below, mix } from './hash.ts';
import { Refusal } from './refusal.ts';
import type { Simulation } from './simulation.ts';

/** Effects that come before the answer: waiting, changes of the world, refusals. */
export async function applyBefore(
  simulation: Simulation,
  effects: readonly FaultEffect[],
  { accessToken, advertiserId }: { readonly accessToken: string | undefined; readonly advertiserId: string | undefined },
): Promise<void> {
  const { options, recorder } = simulation;
  const { latencyMs } = options;
  const wait =
    typeof latencyMs === 'number'
      ? latencyMs
      : latencyMs.min + below(mix(options.seed, recorder.calls()), latencyMs.max - latencyMs.min + 1);
  const waits = effects.reduce((sum, effect) => sum + (effect.kind === 'latency' ? effect.ms : 0), wait);
  if (waits > 0) await sleep(waits);
  for (const effect of effects) {
    if (effect.kind === 'advance') simulation.clock.advance(effect.ms);
    if (effect.kind === 'insert' && advertiserId !== undefined) {
      for (let i = 0; i < effect.count; i += 1)
        simulation.world.insert(advertiserId, effect.entity, Math.floor(simulation.clock.now() / 1000) - effect.daysAgo * 86_400);
    }
    if (effect.kind === 'revoke') {
      if (accessToken !== undefined) simulation.revoked.add(accessToken);
      throw new Refusal(40105, 'Access token is incorrect or has been revoked.');
    }
    if (effect.kind === 'code')
      throw new Refusal(effect.code, effect.message ?? codeTexts[effect.code] ?? `Simulated error ${effect.code}.`);
    if (effect.kind === 'invalid-metric') {
      throw new Refusal(
        40002,
        `Please correct the information in invalid metric fields and try again. Invalid metric fields: ['${effect.metric}']. `,
      );
    }
    if (effect.kind === 'too-large') throw new Refusal(40067, codeTexts[40067] ?? '');
  }
}

const codeTexts: Readonly<Record<number, string>> = {
  40001: 'No permission to operate advertiser.',
  40002: 'Invalid parameters.',
  40016: 'Too frequent requests, please try again later.',
  40067: 'Your query is too large, please reduce the query size (e.g. fewer metrics or time range) and retry after a while.',
  40100: 'Due to too many requests, requests from App are temporarily restricted.',
  40102: 'Access token is expired.',
  40105: 'Access token is incorrect or has been revoked.',
  40106: 'The access token does not fit the advertiser.',
  40133: "Advertiser's QPS (21) reaches QPS limit 20 for current path, request is temporarily restricted.",
  40200: 'Async task error.',
  40201: 'The task is not ready.',
  40202: 'Write conflict.',
  40300: 'The advertiser does not exist or has been deleted.',
  40700: 'Internal service validation error.',
  50000: 'System error.',
  50002: 'Request processing timed out.',
  51010: 'Internal service timeout.',
  60001: 'The system is under maintenance.',
};

/** Effects on how the answer is sent. */
export interface Delivery {
  readonly effects: readonly FaultEffect[];
  readonly changesBody: boolean;
  /** Something else than the answer. */
  readonly instead: { readonly name: string; readonly run: (response: ServerResponse) => void } | undefined;
  /** An own way to send the answer. */
  readonly sends: ((response: ServerResponse, body: Buffer, headers: Readonly<Record<string, string>>) => void) | undefined;
}

export function deliver(effects: readonly FaultEffect[]): Delivery {
  let instead: Delivery['instead'];
  let sends: Delivery['sends'];
  let changesBody = false;
  for (const effect of effects) {
    switch (effect.kind) {
      case 'http':
        instead = { name: `http ${effect.status}`, run: (response) => sendPage(response, effect.status, effect.body) };
        break;
      case 'reset':
        instead = { name: 'reset', run: (response) => response.destroy() };
        break;
      case 'hang':
        instead = { name: 'hang', run: () => undefined };
        break;
      case 'truncate':
        sends = (response, body, headers) => sendTruncated(response, body, headers, effect);
        break;
      case 'slow':
        sends = (response, body, headers) => sendSlowly(response, body, headers, effect);
        break;
      case 'duplicate':
      case 'drop':
        changesBody = true;
        break;
      case 'code':
      case 'latency':
      case 'insert':
      case 'invalid-metric':
      case 'too-large':
      case 'revoke':
      case 'advance':
        break;
    }
  }
  return { effects, changesBody, instead, sends };
}

function sendPage(response: ServerResponse, status: number, body: string | undefined): void {
  const text =
    body ??
    `<html>\r\n<head><title>${status}</title></head>\r\n<body><center><h1>${status}</h1></center><hr><center>nginx</center></body>\r\n</html>\r\n`;
  response.writeHead(status, { 'content-type': 'text/html', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function sendTruncated(
  response: ServerResponse,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
  effect: { readonly share: number; readonly clean: boolean },
): void {
  const part = body.subarray(0, Math.floor(body.length * effect.share));
  response.writeHead(200, { ...headers, 'content-length': effect.clean ? part.length : body.length });
  if (effect.clean) response.end(part);
  else response.write(part, () => response.destroy());
}

function sendSlowly(
  response: ServerResponse,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
  effect: { readonly ms: number; readonly pieces: number },
): void {
  response.writeHead(200, { ...headers, 'content-length': body.length });
  const size = Math.ceil(body.length / effect.pieces);
  let at = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(at, at + size));
    at += size;
    if (at < body.length && !response.destroyed) return;
    clearInterval(timer);
    response.end();
  }, effect.ms / effect.pieces);
}

/** The body with its list changed. Numbers too large for JavaScript are kept as they are. */
export function bodyOf(body: Buffer, effects: readonly FaultEffect[]): Buffer {
  const guarded = body.toString().replace(/"(tracking_pixel_id|page_id)":(\d+)/g, '"$1":"raw:$2"');
  // The body is one of our own envelopes.
  const envelope = JSON.parse(guarded) as { data: { list?: unknown[] } };
  let list = envelope.data.list ?? [];
  for (const effect of effects) {
    if (effect.kind === 'duplicate') list = [...list.slice(0, 1), ...list];
    if (effect.kind === 'drop') list = list.slice(0, Math.max(0, list.length - effect.count));
  }
  envelope.data.list = list;
  return Buffer.from(JSON.stringify(envelope).replace(/"raw:(\d+)"/g, '$1'));
}
