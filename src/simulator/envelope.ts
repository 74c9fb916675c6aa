import { below, mix } from './hash.ts';

/** The start of an envelope, up to the value of `data`. It ends with `}`. */
export function beginEnvelope(nowMs: number): string {
  return `{"code":0,"message":"OK","request_id":"${requestId(nowMs)}","data":`;
}

export function refusalEnvelope(code: number, message: string, nowMs: number): string {
  return JSON.stringify({ code, message, request_id: requestId(nowMs), data: {} });
}

/** Looks like TikTok's: the time and something hexadecimal. */
function requestId(nowMs: number): string {
  const time = new Date(nowMs).toISOString().replace(/\D/g, '').slice(0, 14);
  const hash = mix(nowMs | 0, Math.floor(nowMs / 4_294_967_296));
  return `${time}${(hash >>> 0).toString(16).toUpperCase().padStart(8, '0')}${String(below(hash, 1_000_000)).padStart(12, '0')}`;
}
