import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Agent, DecoratorHandler, type Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import { SourceError } from '../errors.ts';
import { createGate } from '../gate.ts';
import { apiCode } from './api-codes.ts';
import { type BodyBuffers, createBodyBuffers } from './body-buffers.ts';
import { type Envelope, readEnvelope } from './envelope.ts';
import { type Quota, type RateLimiter, unlimitedPerSecond } from './rate-limit.ts';
import type { JsonValue } from './resource.ts';
import { backoffMs, type RetryCause, retryCauseOf, retryPolicies } from './retry.ts';

export interface ApiRequest {
  /** Below the base URL, with its trailing slash. */
  readonly path: string;
  readonly query: Readonly<Record<string, JsonValue>>;
  /** For messages: what is read, of whom, when. */
  readonly label: string;
  readonly advertiserIds: readonly string[];
  /** 0 goes first. Further pages of something begun go before new things, so that less is under way at once. */
  readonly priority: number;
  /** True where the answer's totals are wanted; costs a full parse. */
  readonly wantsTotals?: boolean;
}

export interface ApiAnswer {
  /** The body as received. */
  readonly body: Buffer;
  readonly envelope: Envelope;
  /** TikTok says that the account has more ids than the answer considers (header X-Tt-Ads-Throttle). */
  readonly cut: boolean;
  /** Says that the body is not needed any more: its memory will hold another answer. Not to be called is allowed. */
  readonly giveBack: () => void;
}

export interface Client {
  /** One answer with code 0. Waits and retries by itself; throws SourceError, whose `code` is the API's or a word of RetryCause. */
  readonly get: (request: ApiRequest) => Promise<ApiAnswer>;
  readonly stats: () => ClientStats;
  readonly close: () => Promise<void>;
}

export interface ClientStats {
  readonly calls: number;
  readonly retries: Readonly<Partial<Record<RetryCause, number>>>;
  readonly throttledMs: number;
  readonly bytesDownloaded: number;
  /** When the first request was sent, milliseconds since 1970. */
  readonly firstCallAt: number | null;
}

export interface ClientOptions {
  /** Ends in `/open_api/v1.3/`. */
  readonly baseUrl: string;
  readonly accessToken: string;
  readonly quota: Quota;
  readonly limiter: RateLimiter;
  /** Requests under way at once; null: as many as the latency asks for. */
  readonly maxConcurrency: number | null;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Called when a wait is worth a line in the log. */
  readonly onWait?: (message: string) => void;
}

/** More than any page has; a body beyond it is a fault at the other end. */
const bodyBytesMax = 256 * 1024 * 1024;
const concurrencyMax = 128;
/** Where no quota keeps them apart, more requests at once would only fill memory with half-read answers. */
const unlimitedConcurrency = 12;
const unzip = promisify(gunzip);

/** The HTTP client: headers, envelope, quota, concurrency, retries. Knows no resource. */
export function createClient(options: ClientOptions): Client {
  const { clock, limiter, signal } = options;
  const agent = new Agent({
    connections: concurrencyMax,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    connect: { timeout: Math.min(10_000, options.timeoutMs) },
  });
  const buffers = createBodyBuffers();
  const retries: Partial<Record<RetryCause, number>> = {};
  const pausedAdvertisers = new Map<string, number>();
  let calls = 0;
  let bytesDownloaded = 0;
  let firstCallAt: number | null = null;
  // Begun high: few places while answers turn out to be slow would leave quota unused, many while they are fast cost nothing.
  let latencyMs = 2_000;

  const capacity = (): number => {
    if (options.maxConcurrency !== null) return options.maxConcurrency;
    // By Little's law this many are under way when the whole quota is used; half as many more absorb the slow ones.
    const needed = Math.ceil((Math.min(options.quota.perSecond, 1_000) * latencyMs * 1.5) / 1_000) + 4;
    return Math.min(
      needed,
      concurrencyMax,
      options.quota.perSecond >= unlimitedPerSecond ? unlimitedConcurrency : concurrencyMax,
    );
  };
  const gate = createGate(capacity);

  const send = async (request: ApiRequest, onSent: (at: number) => void): Promise<ApiAnswer> => {
    const leave = await gate.enter(request.priority, signal);
    try {
      const sentAt = await limiter.acquire(signal);
      onSent(sentAt);
      firstCallAt ??= sentAt;
      calls += 1;
      let noted: Promise<void> = Promise.resolve();
      const wire = noting(agent, () => {
        noted = limiter.sent(sentAt, clock.now());
      });
      const answer = await transfer(wire, buffers, options, request).finally(() => noted);
      latencyMs = latencyMs * 0.9 + (clock.now() - sentAt) * 0.1;
      bytesDownloaded += answer.bytes;
      return interpret(answer, request, options.accessToken);
    } finally {
      leave();
    }
  };

  const get = async (request: ApiRequest): Promise<ApiAnswer> => {
    const attempts: Partial<Record<RetryCause, number>> = {};
    for (;;) {
      await waitForAdvertisers(request.advertiserIds);
      // Not before the limiter let it go: a refusal of a request that was held back tells that the pause was too short.
      let sentAt = clock.now();
      try {
        return await send(request, (at) => {
          sentAt = at;
        });
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof SourceError)) throw error;
        const cause = causeOf(error);
        if (!cause) throw error;
        const attempt = (attempts[cause] ?? 0) + 1;
        attempts[cause] = attempt;
        if (attempt >= retryPolicies[cause].attempts) throw error;
        retries[cause] = (retries[cause] ?? 0) + 1;
        await backOff(error, cause, attempt, request, sentAt);
      }
    }
  };

  const backOff = async (
    error: SourceError,
    cause: RetryCause,
    attempt: number,
    request: ApiRequest,
    sentAt: number,
  ): Promise<void> => {
    if (cause !== 'rate-limit') {
      await clock.sleep(backoffMs(retryPolicies[cause], attempt, options.random()), signal);
    } else if (apiCode(Number(error.code)).action === 'rate-limit-advertiser') {
      const until = clock.now() + 1_000 * 2 ** Math.min(attempt - 1, 6);
      for (const id of request.advertiserIds) pausedAdvertisers.set(id, Math.max(until, pausedAdvertisers.get(id) ?? 0));
    } else {
      const waitMs = await limiter.refused(sentAt);
      if (waitMs >= 5_000)
        options.onWait?.(`TikTok asks for fewer requests (code ${error.code}); waiting ${Math.ceil(waitMs / 1_000)} s.`);
    }
  };

  const waitForAdvertisers = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) {
      const until = pausedAdvertisers.get(id);
      if (until !== undefined && until > clock.now()) await clock.sleep(until - clock.now(), signal);
    }
  };

  return {
    get,
    stats: () => ({ calls, retries: { ...retries }, throttledMs: limiter.throttledMs(), bytesDownloaded, firstCallAt }),
    close: () => agent.destroy(),
  };
}

/** Tells when a request is written to its connection; making one may take longer than the quota's margin. */
function noting(agent: Agent, onWritten: () => void): Dispatcher {
  return agent.compose((dispatch) => (request, handler) => dispatch(request, new NotingHandler(handler, onWritten)));
}

class NotingHandler extends DecoratorHandler implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #onWritten: () => void;

  constructor(handler: Dispatcher.DispatchHandler, onWritten: () => void) {
    super(handler);
    this.#handler = handler;
    this.#onWritten = onWritten;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#onWritten();
    this.#handler.onRequestStart?.(controller, context);
  }
}

interface RawAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  /** As transferred. */
  readonly bytes: number;
  readonly cut: boolean;
  readonly giveBack: () => void;
}

async function transfer(
  agent: Dispatcher,
  buffers: BodyBuffers,
  options: ClientOptions,
  request: ApiRequest,
): Promise<RawAnswer> {
  const base = new URL(options.baseUrl);
  const deadline = AbortSignal.timeout(options.timeoutMs);
  try {
    const response = await agent.request({
      origin: base.origin,
      path: `${base.pathname}${request.path}?${encodeQuery(request.query)}`,
      method: 'GET',
      headers: { 'Access-Token': options.accessToken, accept: 'application/json', 'accept-encoding': 'gzip' },
      signal: AbortSignal.any([options.signal, deadline]),
      headersTimeout: options.timeoutMs,
      bodyTimeout: options.timeoutMs,
    });
    const received = await receive(response, buffers, request);
    const isZipped = header(response, 'content-encoding') === 'gzip';
    const body = isZipped ? await unzipped(received.body, request).finally(received.giveBack) : received.body;
    return {
      status: response.statusCode,
      contentType: header(response, 'content-type'),
      body,
      bytes: received.body.length,
      cut: 'x-tt-ads-throttle' in response.headers,
      giveBack: isZipped ? () => undefined : received.giveBack,
    };
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof SourceError) throw error;
    throw transferError(error, deadline.aborted, options, request);
  }
}

/** Each part is copied as it comes, so that what the connection read it into is free at once. */
async function receive(
  response: Dispatcher.ResponseData,
  buffers: BodyBuffers,
  request: ApiRequest,
): Promise<Pick<RawAnswer, 'body' | 'giveBack'>> {
  const announced = Number(header(response, 'content-length')) || 0;
  let buffer = buffers.take(Math.min(announced, bodyBytesMax));
  let bytes = 0;
  for await (const chunk of response.body) {
    // Without an encoding set, a body yields Buffers.
    const part = chunk as Buffer;
    if (bytes + part.length > bodyBytesMax)
      throw new SourceError(`TikTok's answer to ${request.label} is larger than ${bodyBytesMax} bytes.`, { code: 'too_large' });
    if (bytes + part.length > buffer.length) buffer = buffers.grow(buffer, bytes, (bytes + part.length) * 2);
    bytes += part.copy(buffer, bytes);
  }
  const used = buffer;
  return { body: used.subarray(0, bytes), giveBack: () => buffers.giveBack(used) };
}

async function unzipped(received: Buffer, request: ApiRequest): Promise<Buffer> {
  try {
    return await unzip(received, { maxOutputLength: bodyBytesMax });
  } catch (cause) {
    throw new SourceError(`TikTok's answer to ${request.label} cannot be decompressed (${received.length} bytes).`, {
      code: 'malformed',
      retryable: true,
      hint: 'Usually passing. If it stays, look for a proxy that changes answers.',
      cause,
    });
  }
}

/** GET parameters as TikTok reads them: scalars as they are, lists and objects as JSON. */
export function encodeQuery(query: Readonly<Record<string, JsonValue>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    parameters.append(name, typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value));
  }
  return parameters.toString();
}

function header(response: Dispatcher.ResponseData, name: string): string {
  const value = response.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

function transferError(error: unknown, deadlinePassed: boolean, options: ClientOptions, request: ApiRequest): SourceError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const timedOut = deadlinePassed || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
  if (timedOut) {
    return new SourceError(`TikTok did not answer ${request.label} within ${Math.round(options.timeoutMs / 1_000)} s.`, {
      code: 'timeout',
      retryable: true,
      hint: 'Usually passing. If it stays, ask for fewer metrics or a coarser data_level.',
      cause: error,
    });
  }
  // Only the token comes from outside in a form that HTTP may not take; the error's own text is left out.
  if (code === 'UND_ERR_INVALID_ARG') {
    return new SourceError('The access token holds characters that no HTTP header can carry, such as a line break.', {
      code: 'invalid_token',
      hint: 'Copy the token anew to where `access_token` points.',
    });
  }
  const reason = error instanceof Error ? error.message || code : String(error);
  return new SourceError(`The connection to ${new URL(options.baseUrl).host} failed for ${request.label}: ${reason}.`, {
    code: 'connection',
    retryable: true,
    hint: `Check that this machine reaches ${new URL(options.baseUrl).host} (proxy, firewall, name resolution).`,
    cause: error,
  });
}

/** The envelope decides, not the HTTP status: TikTok reports nearly all failures as HTTP 200 (docs 1749734684478466). */
function interpret(answer: RawAnswer, request: ApiRequest, accessToken: string): ApiAnswer {
  let envelope: Envelope;
  try {
    envelope = readEnvelope(answer.body, request.wantsTotals ?? false);
  } catch (cause) {
    throw withoutEnvelope(answer, request, cause);
  }
  if (envelope.code === 0) return { body: answer.body, envelope, cut: answer.cut, giveBack: answer.giveBack };
  const known = apiCode(envelope.code);
  const trace = envelope.requestId ? ` (request_id ${envelope.requestId})` : '';
  throw new SourceError(
    `TikTok refused ${request.label}: code ${envelope.code}, ${envelope.message.trim() || known.meaning}${trace}`,
    {
      code: String(envelope.code),
      retryable: retryCauseOf(known.action) !== null,
      hint: known.action === 'auth' && /^bearer\s/i.test(accessToken) ? bearerHint : known.hint,
    },
  );
}

const bearerHint =
  'The token begins with "Bearer ", which TikTok takes for a part of it: put the token alone where `access_token` points.';

function withoutEnvelope(answer: RawAnswer, request: ApiRequest, cause: unknown): SourceError {
  const { status } = answer;
  if (status === 404) {
    return new SourceError(`${request.path} was not found at this address (HTTP 404), asked for ${request.label}.`, {
      code: 'http_404',
      hint: 'Check `api_base_url`: it has to end in /open_api/v1.3/.',
    });
  }
  if (status !== 200) {
    return new SourceError(`TikTok answered ${request.label} with HTTP ${status} (${answer.contentType || 'no content type'}).`, {
      code: 'http',
      retryable: true,
      hint: 'A fault at the edge of TikTok; it usually passes within minutes.',
      cause,
    });
  }
  return new SourceError(
    `TikTok's answer to ${request.label} is cut off or no JSON (${answer.body.length} bytes, ${answer.contentType || 'no content type'}).`,
    {
      code: 'malformed',
      retryable: true,
      hint: 'Usually passing. If it stays, look for a proxy that changes answers.',
      cause,
    },
  );
}

function causeOf(error: SourceError): RetryCause | null {
  switch (error.code) {
    case 'http':
    case 'connection':
    case 'timeout':
    case 'malformed':
      return error.code;
    default:
      return error.code && /^\d+$/.test(error.code) ? retryCauseOf(apiCode(Number(error.code)).action) : null;
  }
}
