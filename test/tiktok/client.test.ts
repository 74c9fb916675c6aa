import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../src/clock.ts';
import { SourceError } from '../../src/errors.ts';
import { type ApiAnswer, type ApiRequest, type Client, createClient } from '../../src/tiktok/client.ts';
import { memoryQuotaStore } from '../../src/tiktok/quota-store.ts';
import { createRateLimiter } from '../../src/tiktok/rate-limit.ts';
import { retryPolicies } from '../../src/tiktok/retry.ts';
import { createHastyClock } from '../support/hasty-clock.ts';
import { page, type Script, type ScriptedServer, sendCode, sendJson, startScriptedServer } from '../support/scripted-server.ts';

const token = 'canary-access-token';
const quota = { perSecond: 900, perMinute: 100_000, perDay: 1_000_000 };

interface Bench {
  readonly client: Client;
  readonly server: ScriptedServer;
  readonly abort: AbortController;
  readonly said: readonly string[];
}

interface BenchOptions {
  readonly clock?: Clock;
  readonly timeoutMs?: number;
  readonly maxConcurrency?: number;
  readonly accessToken?: string;
}

async function bench(
  script: Script,
  { clock = createHastyClock(), timeoutMs = 5_000, maxConcurrency, accessToken = token }: BenchOptions = {},
): Promise<Bench> {
  const server = await startScriptedServer(script);
  const abort = new AbortController();
  const said: string[] = [];
  const client = createClient({
    baseUrl: server.url,
    accessToken,
    quota,
    limiter: createRateLimiter(quota, memoryQuotaStore(), clock),
    maxConcurrency: maxConcurrency ?? null,
    timeoutMs,
    clock,
    random: () => 0.5,
    signal: abort.signal,
    onWait: (message) => said.push(message),
  });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return { client, server, abort, said };
}

const request: ApiRequest = {
  path: 'campaign/get/',
  query: { advertiser_id: '7000000000001', page: 1 },
  label: 'campaigns of advertiser 7000000000001',
  advertiserIds: ['7000000000001'],
  priority: 2,
};

async function failureOf(work: Promise<unknown>): Promise<SourceError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof SourceError) return error;
  throw new Error(`no SourceError: ${String(error)}`);
}

/** Answers the first requests in turn, and all further ones rightly. */
function first(...scripts: readonly Script[]): Script {
  return (response, asked, number) => {
    const own = scripts[number - 1];
    if (own) own(response, asked, number);
    else sendJson(response, page([{ campaign_id: '1' }]));
  };
}

const html =
  (status: number): Script =>
  (response) => {
    response.writeHead(status, { 'content-type': 'text/html' });
    response.end(`<html><body>${status}</body></html>`);
  };

describe('a request', () => {
  it('carries the token in its own header, and scalars and JSON as TikTok reads them', async () => {
    const { client, server } = await bench(first());
    const query = {
      advertiser_id: '7000000000001',
      fields: ['a', 'b'],
      filtering: { name: 'x & y=z?"ü🎬' },
      page: 2,
      flag: true,
    };
    await client.get({ ...request, query });
    expect(server.requests[0]?.path).toBe('/open_api/v1.3/campaign/get/');
    expect(server.requests[0]?.query).toEqual({
      advertiser_id: '7000000000001',
      fields: '["a","b"]',
      filtering: '{"name":"x & y=z?\\"ü🎬"}',
      page: '2',
      flag: 'true',
    });
    expect(server.requests[0]?.headers['access-token']).toBe(token);
    expect(server.requests[0]?.headers['authorization']).toBeUndefined();
  });

  it('gives the body as it came, with the envelope read', async () => {
    const text =
      '{"code":0,"message":"OK","data":{"list":[{"id":12345678901234567890}],"page_info":{"page":1,"page_size":10,"total_number":1,"total_page":1}}}';
    const { client } = await bench((response) => sendJson(response, text));
    const answer = await client.get(request);
    expect(answer.body.toString()).toBe(text);
    expect(answer.envelope.pageInfo).toEqual({ page: 1, pageSize: 10, totalNumber: 1, totalPage: 1 });
    expect(answer.cut).toBe(false);
    expect(client.stats()).toMatchObject({ calls: 1, retries: {}, bytesDownloaded: Buffer.byteLength(text) });
  });

  it('unpacks a compressed body and counts the bytes that came', async () => {
    const packed = gzipSync(JSON.stringify(page(Array.from({ length: 500 }, () => ({ campaign_id: '1' })))));
    const { client } = await bench((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(packed);
    });
    expect((await client.get(request)).envelope.pageInfo?.totalNumber).toBe(500);
    expect(client.stats().bytesDownloaded).toBe(packed.length);
  });

  it('tells that TikTok cut the answer', async () => {
    const { client } = await bench((response) => sendJson(response, page([]), { 'X-Tt-Ads-Throttle': '1' }));
    expect((await client.get(request)).cut).toBe(true);
  });

  it('reads totals where they are wanted', async () => {
    const { client } = await bench((response) =>
      sendJson(response, { code: 0, message: 'OK', data: { list: [], total_metrics: { spend: '1.00' } } }),
    );
    expect((await client.get({ ...request, wantsTotals: true })).envelope.totalMetrics).toEqual({ spend: '1.00' });
  });
});

describe('what passes by itself is asked for again', () => {
  const passing: readonly (readonly [string, Script, string])[] = [
    ['code 40100', (response) => sendCode(response, 40_100, 'Too many requests.'), 'rate-limit'],
    ['code 40016', (response) => sendCode(response, 40_016), 'rate-limit'],
    ['code 40133 of one account', (response) => sendCode(response, 40_133), 'rate-limit'],
    ['code 40700', (response) => sendCode(response, 40_700), 'api-busy'],
    ['code 50000', (response) => sendCode(response, 50_000), 'api-busy'],
    ['a code inside TikTok that nobody knows', (response) => sendCode(response, 51_777), 'api-busy'],
    ['code 60001', (response) => sendCode(response, 60_001), 'api-busy'],
    ['HTML with HTTP 502', html(502), 'http'],
    ['HTML with HTTP 429', html(429), 'http'],
    ['HTML with HTTP 504', html(504), 'http'],
    ['HTML with HTTP 200', html(200), 'malformed'],
    ['an empty body', (response) => sendJson(response, ''), 'malformed'],
    ['JSON that is no envelope', (response) => sendJson(response, '{"hello":1}'), 'malformed'],
    [
      'a body cut off whose length fits',
      (response) => sendJson(response, JSON.stringify(page([{ campaign_id: '1' }])).slice(0, -30)),
      'malformed',
    ],
    [
      'a long body cut off in its last bytes',
      (response) =>
        sendJson(response, JSON.stringify(page(Array.from({ length: 2_000 }, () => ({ campaign_id: '1' })))).slice(0, -1)),
      'malformed',
    ],
    [
      'a compressed body cut off',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
        response.end(gzipSync(JSON.stringify(page([]))).subarray(0, -12));
      },
      'malformed',
    ],
    [
      'a connection that breaks within the body',
      (response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{"code":0', () => response.destroy());
      },
      'connection',
    ],
    ['a connection that breaks before any answer', (response) => response.destroy(), 'connection'],
  ];

  it.each(passing)('%s', async (_, script, cause) => {
    const { client, server } = await bench(first(script, script));
    expect((await client.get(request)).envelope.code).toBe(0);
    expect(client.stats()).toMatchObject({ calls: 3, retries: { [cause]: 2 } });
    expect(server.requests).toHaveLength(3);
    expect(server.requests[2]?.query).toEqual(server.requests[0]?.query);
  });

  it.each(passing)('%s, but not for ever', async (_, script, cause) => {
    const { client } = await bench(script);
    const error = await failureOf(client.get(request));
    expect(error.retryable).toBe(true);
    expect(error.hint).toBeTruthy();
    expect(error.message).toContain(request.label);
    const policy = retryPolicies[cause as keyof typeof retryPolicies];
    expect(client.stats().calls).toBe(policy.attempts);
  });

  it('an answer that does not come in time, once', async () => {
    const { client } = await bench(
      first(() => undefined),
      { timeoutMs: 150 },
    );
    expect((await client.get(request)).envelope.code).toBe(0);
    expect(client.stats().retries).toEqual({ timeout: 1 });
  });

  it('a body that does not come to its end in time', async () => {
    const slow: Script = (response) => {
      response.writeHead(200, { 'content-length': '1000' });
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    };
    const { client } = await bench(slow, { timeoutMs: 150 });
    const error = await failureOf(client.get(request));
    expect(error).toMatchObject({ code: 'timeout', retryable: true });
    expect(client.stats().calls).toBe(2);
  });

  it('a host that is not there', async () => {
    const { client, server } = await bench(first());
    await server.close();
    const error = await failureOf(client.get(request));
    expect(error).toMatchObject({ code: 'connection', retryable: true });
    expect(error.hint).toContain('127.0.0.1');
  });
});

describe('what only a person can mend is not asked for again', () => {
  it('a token with a word before it, and says to leave the word out', async () => {
    const b = await bench((response) => sendCode(response, 40_105), { accessToken: `Bearer ${token}` });
    const refused = await b.client.get(request).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SourceError);
    expect(refused).toMatchObject({ code: '40105', hint: expect.stringContaining('Bearer') });
    expect(JSON.stringify(refused)).not.toContain(token);
  });

  it.each([40_105, 40_102, 40_104, 40_002, 40_001, 40_067, 40_300, 40_118, 49_999])('code %i', async (code) => {
    const { client } = await bench((response) => sendCode(response, code, 'The reason in words.'));
    const error = await failureOf(client.get(request));
    expect(error.code).toBe(String(code));
    expect(error.retryable).toBe(false);
    expect(error.message).toContain('The reason in words.');
    expect(error.message).toContain('202603101200000001');
    expect(error.hint).toBeTruthy();
    expect(client.stats().calls).toBe(1);
  });

  it('an address where no API is', async () => {
    const { client } = await bench((response) => {
      response.writeHead(404, { 'content-type': 'text/plain' });
      response.end('404 page not found');
    });
    const error = await failureOf(client.get(request));
    expect(error).toMatchObject({ code: 'http_404', retryable: false });
    expect(error.hint).toContain('api_base_url');
    expect(client.stats().calls).toBe(1);
  });

  it('a token that no header can hold', async () => {
    const { client, server } = await bench(first(), { accessToken: 'canary\nBearer' });
    const error = await failureOf(client.get(request));
    expect(error.retryable).toBe(false);
    expect(error.message).not.toContain('canary');
    expect(error.hint).toContain('access_token');
    expect(server.requests).toHaveLength(0);
  });
});

describe('secrets', () => {
  it('stand in no error, whatever goes wrong', async () => {
    const scripts = [
      html(502),
      html(404),
      (response) => response.destroy(),
      (response) => sendCode(response, 40_105),
      (response) => sendJson(response, '{'),
    ] as const satisfies readonly Script[];
    for (const script of scripts) {
      const { client } = await bench(script);
      const error = await failureOf(
        client.get({ ...request, path: 'oauth2/advertiser/get/', query: { app_id: '1', secret: 'canary-secret' } }),
      );
      const texts: unknown[] = [];
      for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
        texts.push(cause.message, cause.stack, JSON.stringify(cause));
      expect(texts.join(' ')).not.toContain('canary');
    }
  });
});

describe('the app’s quota', () => {
  it('refused once holds back every request, and is waited for again when the pause was too short', async () => {
    const clock = createHastyClock();
    const refuse: Script = (response) => sendCode(response, 40_100);
    const { client } = await bench(first(refuse, refuse, refuse), { clock, maxConcurrency: 1 });
    await Promise.all([client.get(request), client.get(request), client.get(request)]);
    expect(client.stats()).toMatchObject({ calls: 6, retries: { 'rate-limit': 3 } });
    // One after the other they found the pause too short: 1 s, 2 s, 4 s.
    expect(client.stats().throttledMs).toBe(7_000);
  });

  it('refused to a burst counts as one pause', async () => {
    let waiting: (() => void)[] = [];
    const { client } = await bench(
      (response, _, number) => {
        if (number > 5) return sendJson(response, page([]));
        waiting.push(() => sendCode(response, 40_100));
        if (waiting.length === 5) {
          for (const answer of waiting) answer();
          waiting = [];
        }
      },
      { clock: createHastyClock() },
    );
    await Promise.all(Array.from({ length: 5 }, () => client.get(request)));
    expect(client.stats()).toMatchObject({ calls: 10, throttledMs: 1_000 });
  });

  it('is told to the log when the wait is long', async () => {
    const refuse: Script = (response) => sendCode(response, 40_100);
    const { client, said } = await bench(first(refuse, refuse, refuse, refuse), { clock: createHastyClock() });
    await client.get(request);
    expect(said).toEqual([expect.stringContaining('waiting 8 s')]);
  });

  it('of one account holds back that account only', async () => {
    const clock = createHastyClock();
    const { client, server } = await bench(
      (response, asked, number) => {
        if (asked.query['advertiser_id'] === '1' && number < 4) sendCode(response, 40_133);
        else sendJson(response, page([]));
      },
      { clock },
    );
    const ask = (id: string): Promise<ApiAnswer> => client.get({ ...request, query: { advertiser_id: id }, advertiserIds: [id] });
    await ask('2');
    await ask('1');
    expect(clock.slept.filter((ms) => ms >= 500).length).toBeGreaterThanOrEqual(2);
    const before = clock.slept.length;
    await ask('2');
    expect(clock.slept.slice(before).filter((ms) => ms >= 500)).toEqual([]);
    expect(client.stats().throttledMs).toBe(0);
    expect(server.requests).toHaveLength(5);
  });
});

describe('cancelling', () => {
  const cancelled = async (script: Script, options: BenchOptions, afterMs: number): Promise<number> => {
    const { client, abort } = await bench(script, options);
    const asked = Array.from({ length: 4 }, () => client.get(request));
    const began = performance.now();
    setTimeout(() => abort.abort(new Error('cancelled by a person')), afterMs);
    for (const one of asked) await expect(one).rejects.toThrow('cancelled by a person');
    await expect(client.get(request)).rejects.toThrow('cancelled by a person');
    return performance.now() - began - afterMs;
  };

  it.each([
    ['while no answer comes', () => undefined, { clock: systemClock, maxConcurrency: 2 }],
    [
      'while a body comes slowly',
      (response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{');
      },
      { clock: systemClock },
    ],
    ['while waiting to ask again', html(502), { clock: systemClock }],
    ['while the quota pauses', (response) => sendCode(response, 40_100), { clock: systemClock }],
    ['while an account pauses', (response) => sendCode(response, 40_133), { clock: systemClock }],
  ] as readonly (readonly [string, Script, BenchOptions])[])('ends everything at once %s', async (_, script, options) => {
    expect(await cancelled(script, options, 80)).toBeLessThan(300);
  });
});

describe('requests under way at once', () => {
  it('are as many as was configured', async () => {
    let inside = 0;
    let most = 0;
    const { client } = await bench(
      (response) => {
        inside += 1;
        most = Math.max(most, inside);
        setTimeout(() => {
          inside -= 1;
          sendJson(response, page([]));
        }, 10);
      },
      { maxConcurrency: 3, clock: systemClock },
    );
    await Promise.all(Array.from({ length: 20 }, () => client.get(request)));
    expect(most).toBe(3);
  });

  it('grow with the latency, so that slow answers do not leave the quota unused', async () => {
    let inside = 0;
    let most = 0;
    const { client } = await bench(
      (response) => {
        inside += 1;
        most = Math.max(most, inside);
        setTimeout(() => {
          inside -= 1;
          sendJson(response, page([]));
        }, 150);
      },
      { clock: systemClock },
    );
    await Promise.all(Array.from({ length: 200 }, () => client.get(request)));
    expect(most).toBeGreaterThan(20);
  });
});
