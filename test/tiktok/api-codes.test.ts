import { describe, expect, test } from 'vitest';
import { type ApiAction, apiCode, apiCodes } from '../../src/tiktok/api-codes.ts';

describe('return codes of the API', () => {
  test('each code is listed once, in order', () => {
    const codes = apiCodes.map(({ code }) => code);
    expect(codes).toEqual([...new Set(codes)].sort((left, right) => left - right));
  });

  test.each<readonly [number, ApiAction]>([
    [0, 'ok'],
    [20001, 'ok'],
    [40001, 'skip-advertiser'],
    [40002, 'fail'],
    [40011, 'split'],
    [40016, 'rate-limit-app'],
    [40067, 'split'],
    [40100, 'rate-limit-app'],
    [40102, 'auth'],
    [40105, 'auth'],
    [40106, 'skip-advertiser'],
    [40118, 'skip-advertiser'],
    [40133, 'rate-limit-advertiser'],
    [40200, 'retry'],
    [40202, 'retry'],
    [40300, 'skip-advertiser'],
    [40700, 'retry'],
    [41000, 'fail'],
    [50000, 'retry-slow'],
    [50002, 'retry-slow'],
    [51305, 'retry-slow'],
    [60001, 'retry-slow'],
    [61000, 'rate-limit-app'],
  ])('%i asks to %s', (code, action) => {
    expect(apiCode(code).action).toBe(action);
  });

  test('every code that others retry in production is retried here, save those that mean a wrong token', () => {
    const retriedElsewhere = [40016, 40100, 40133, 40200, 40201, 40202, 40700, 50000, 50002, 51001, 51039, 51305, 60001];
    const waiting: readonly ApiAction[] = ['retry', 'retry-slow', 'rate-limit-app', 'rate-limit-advertiser'];
    expect(retriedElsewhere.filter((code) => !waiting.includes(apiCode(code).action))).toEqual([]);
    expect([40101, 40102].map((code) => apiCode(code).action)).toEqual(['auth', 'auth']);
  });

  test('an unknown code of 50000 to 59999 is TikTok’s own trouble', () => {
    expect([50_001, 55_555, 59_999].map((code) => apiCode(code).action)).toEqual(['retry-slow', 'retry-slow', 'retry-slow']);
    expect(apiCode(55_555).code).toBe(55_555);
  });

  test('any other unknown code is a refusal', () => {
    expect([1, 40_999, 49_999, 60_000, 99_999].map((code) => apiCode(code).action)).toEqual([
      'fail',
      'fail',
      'fail',
      'fail',
      'fail',
    ]);
  });

  test('every code says what it means and what to do', () => {
    for (const code of [...apiCodes, apiCode(55_555), apiCode(49_999)]) {
      expect(code.meaning, String(code.code)).toMatch(/^\S.*[^.]$/);
      expect(code.hint, String(code.code)).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('a dead token is never offered a refresh', () => {
    expect(apiCode(40105).hint).toContain('cannot be refreshed');
  });
});
