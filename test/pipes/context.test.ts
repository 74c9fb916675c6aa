import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinAssetKey, parseContext, splitAssetKey } from '../../src/pipes/context.ts';
import { openSession, wireContext } from './harness.ts';

describe('the context', () => {
  it('is read as Dagster sends it', () => {
    const window = { start: '2024-01-01T00:00:00+01:00', end: '2024-01-02T00:00:00+01:00' };
    const raw = wireContext({
      provenance_by_asset_key: { ads: { code_version: 'v0', input_data_versions: { 'a/b': 'x' }, is_user_provided: true } },
      partition_key: '2024-01-01',
      partition_key_range: { start: '2024-01-01', end: '2024-01-01' },
      partition_time_window: window,
      retry_number: 2,
      extras: { a: [1] },
    });
    expect(parseContext(raw)).toEqual({
      assetKeys: ['ads'],
      codeVersionByAssetKey: { ads: 'v1' },
      provenanceByAssetKey: { ads: { codeVersion: 'v0', inputDataVersions: { 'a/b': 'x' }, isUserProvided: true } },
      partitionKey: '2024-01-01',
      partitionKeyRange: { start: '2024-01-01', end: '2024-01-01' },
      partitionTimeWindow: window,
      runID: 'run-1',
      jobName: '__ASSET_JOB',
      retryNumber: 2,
      extras: { a: [1] },
    });
  });

  it('takes a missing field for null', () => {
    const nulls = Object.fromEntries(Object.keys(wireContext()).map((key) => [key, null]));
    expect(parseContext({})).toEqual(parseContext(nulls));
  });

  it.each([
    ['asset_keys', 'ads'],
    ['asset_keys', [1]],
    ['partition_key', 5],
    ['partition_key_range', { start: 'a' }],
    ['partition_time_window', 'today'],
    ['retry_number', '1'],
    ['extras', []],
    ['code_version_by_asset_key', { ads: 1 }],
  ])('names the field %s if it has another type: %j', (field, value) => {
    expect(() => parseContext(wireContext({ [field]: value }))).toThrow(new RegExp(field));
  });

  it('is refused if it is no object', () => {
    expect(() => parseContext([])).toThrow(/not a JSON object/);
  });
});

describe('asset keys', () => {
  it('are escaped as Dagster escapes them', () => {
    // AssetKey(['a', 'b/c', 'd\\e']).to_escaped_user_string() of Dagster 1.13.27
    expect(joinAssetKey(['a', 'b/c', 'd\\e'])).toBe('a/b\\/c/d\\\\e');
  });

  it('come back from their escaped form', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (parts) => {
        expect(splitAssetKey(joinAssetKey(parts))).toEqual(parts);
      }),
    );
  });
});

describe('what a session tells of its step', () => {
  it('is the one asset, its code version and provenance', () => {
    const { pipes } = openSession();
    expect([pipes.isAssetStep, pipes.assetKey, pipes.assetKeys, pipes.codeVersion, pipes.provenance]).toEqual([
      true,
      'ads',
      ['ads'],
      'v1',
      null,
    ]);
  });

  it('is no single asset where there are several', () => {
    const { pipes } = openSession({ asset_keys: ['a', 'b'] });
    expect(pipes.assetKeys).toEqual(['a', 'b']);
    for (const read of [() => pipes.assetKey, () => pipes.codeVersion, () => pipes.provenance])
      expect(read).toThrow(/several assets \(a, b\)/);
  });

  it('is an empty list of assets in a run of checks alone', () => {
    const { pipes } = openSession({ asset_keys: [] });
    expect([pipes.isAssetStep, pipes.assetKeys]).toEqual([true, []]);
    expect(() => pipes.assetKey).toThrow(/no asset/);
  });

  it('is no asset in an op without assets', () => {
    const { pipes } = openSession({ asset_keys: null, code_version_by_asset_key: null });
    expect(pipes.isAssetStep).toBe(false);
    for (const read of [() => pipes.assetKeys, () => pipes.assetKey, () => pipes.codeVersionByAssetKey])
      expect(read).toThrow(/has no assets/);
  });

  it('is a partition with its window', () => {
    const range = { start: '2024-01-01', end: '2024-01-01' };
    const window = { start: '2024-01-01T00:00:00+00:00', end: '2024-01-02T00:00:00+00:00' };
    const { pipes } = openSession({ partition_key: '2024-01-01', partition_key_range: range, partition_time_window: window });
    expect([pipes.isPartitionStep, pipes.partitionKey, pipes.partitionKeyRange, pipes.partitionTimeWindow]).toEqual([
      true,
      '2024-01-01',
      range,
      window,
    ]);
  });

  it('is no time window, but no error either, for a static partition', () => {
    const { pipes } = openSession({ partition_key: '111', partition_key_range: { start: '111', end: '111' } });
    expect(pipes.partitionTimeWindow).toBeNull();
  });

  it('is no partition in a run over a range', () => {
    const { pipes } = openSession();
    expect(pipes.isPartitionStep).toBe(false);
    for (const read of [() => pipes.partitionKey, () => pipes.partitionKeyRange, () => pipes.partitionTimeWindow])
      expect(read).toThrow(/has no partition/);
  });

  it('is every extra, and an error for one that was not passed', () => {
    const { pipes } = openSession({ extras: { a: 1, toString: null } });
    expect([pipes.getExtra('a'), pipes.getExtra('toString')]).toEqual([1, null]);
    expect(() => pipes.getExtra('b')).toThrow(/`b` was not passed; there are a, toString/);
    expect(() => openSession().pipes.getExtra('constructor')).toThrow(/was not passed/);
  });
});
