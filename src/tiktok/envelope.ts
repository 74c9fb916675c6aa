/** What the client needs to know of an answer; the records inside stay bytes. */
export interface Envelope {
  readonly code: number;
  readonly message: string;
  readonly requestId: string | null;
  readonly pageInfo: PageInfo | null;
  /** `data.total_metrics`, where it was asked for and given: metric → number as text. */
  readonly totalMetrics: Readonly<Record<string, string>> | null;
}

export interface PageInfo {
  readonly page: number;
  readonly pageSize: number;
  readonly totalNumber: number;
  readonly totalPage: number;
}

/** Below this a body is simply parsed. */
const smallBytes = 16_384;
const headBytes = 512;
const tailBytes = 1_024;

/**
 * Reads the envelope of an answer. A page of 1000 report rows has half a megabyte, and DuckDB parses it anyway: of a large body only
 * head and tail are looked at here, and all of it where they are not as expected. Throws SyntaxError on what is no JSON envelope.
 * `whole` asks for a full parse, needed where totals are expected.
 */
export function readEnvelope(body: Buffer, whole: boolean): Envelope {
  if (!whole && body.length > smallBytes) {
    const quick = readEnds(body);
    if (quick) return quick;
  }
  return fromParsed(JSON.parse(body.toString('utf8')));
}

function readEnds(body: Buffer): Envelope | null {
  const head = body.toString('utf8', 0, headBytes);
  const start = /^\s*\{\s*"code"\s*:\s*(\d+)\s*,\s*"message"\s*:\s*"([^"\\]*)"(?:\s*,\s*"request_id"\s*:\s*"([^"\\]*)")?/.exec(
    head,
  );
  if (!start) return null;
  // Inside a text a quote is escaped, so `"page_info"` with bare quotes can only be a key. The greedy prefix finds the last one.
  const tail = body.toString('utf8', body.length - tailBytes);
  const end =
    /^[\s\S]*"page_info"\s*:\s*(\{[^{}]*\})\s*(?:,\s*"[a-z_]+"\s*:\s*"[^"\\]*"\s*)*\}\s*(?:,\s*"[a-z_]+"\s*:\s*"[^"\\]*"\s*)*\}\s*$/.exec(
      tail,
    );
  if (!end) return null;
  return {
    code: Number(start[1]),
    message: start[2] ?? '',
    // Behind the records it is looked for only after their end: a record may have a field of this name.
    requestId: start[3] ?? /"request_id"\s*:\s*"([^"\\]*)"/.exec(tail.slice(tail.lastIndexOf('"page_info"')))?.[1] ?? null,
    pageInfo: pageInfoFrom(JSON.parse(end[1] ?? '{}')),
    totalMetrics: null,
  };
}

function fromParsed(parsed: unknown): Envelope {
  if (!isRecord(parsed) || typeof parsed['code'] !== 'number')
    throw new SyntaxError('The body is JSON but not an API envelope: it has no numeric "code".');
  const payload = isRecord(parsed['data']) ? parsed['data'] : {};
  const totals = payload['total_metrics'];
  return {
    code: parsed['code'],
    message: typeof parsed['message'] === 'string' ? parsed['message'] : '',
    requestId: typeof parsed['request_id'] === 'string' ? parsed['request_id'] : null,
    pageInfo: pageInfoFrom(payload['page_info']),
    totalMetrics: isRecord(totals)
      ? Object.fromEntries(Object.entries(totals).map(([name, value]) => [name, String(value)]))
      : null,
  };
}

function pageInfoFrom(value: unknown): PageInfo | null {
  if (!isRecord(value)) return null;
  const number = (key: string): number | null => {
    const given = value[key];
    if (typeof given === 'number') return given;
    return typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : null;
  };
  const [page, pageSize, totalNumber, totalPage] = [
    number('page'),
    number('page_size'),
    number('total_number'),
    number('total_page'),
  ];
  if (page === null || pageSize === null || totalNumber === null || totalPage === null) return null;
  return { page, pageSize, totalNumber, totalPage };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
