import type { Account } from '../account.ts';
import type { AppOptions } from '../options.ts';
import type { Parameters } from '../parameters.ts';
import type { Simulation } from '../simulation.ts';

/** One path of the API. */
export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** False for the calls that bring a token. */
  readonly authenticated: boolean;
  /** In the sandbox there is none of it: 40008. */
  readonly sandbox: boolean;
  /** Throws a Refusal for what TikTok refuses. */
  readonly answer: (call: Call) => Answer;
}

export interface Call {
  readonly simulation: Simulation;
  /** Null where the endpoint needs no token. */
  readonly app: AppOptions | null;
  readonly accessToken: string | undefined;
  readonly parameters: Parameters;
  /** The account named by `advertiser_id`; throws if it is missing or not allowed. */
  readonly account: () => Account;
  /** `http://host:port`, as the client wrote it. */
  readonly origin: string;
}

export type Answer =
  /** Goes into the envelope. */
  | { readonly kind: 'payload'; readonly payload: unknown; readonly rows: number }
  /** JSON text of `data`. */
  | { readonly kind: 'json'; readonly json: string; readonly rows: number }
  /** A whole envelope. */
  | {
      readonly kind: 'envelope';
      readonly body: Buffer;
      readonly rows: number;
      readonly headers: Readonly<Record<string, string>>;
    }
  /** No envelope at all. */
  | { readonly kind: 'raw'; readonly body: Buffer; readonly contentType: string; readonly rows: number };

export interface PageInfo {
  readonly page: number;
  readonly page_size: number;
  readonly total_number: number;
  readonly total_page: number;
}

export function pageInfo(page: number, pageSize: number, total: number): PageInfo {
  return { page, page_size: pageSize, total_number: total, total_page: Math.ceil(total / pageSize) };
}
