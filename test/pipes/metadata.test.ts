import { describe, expect, it } from 'vitest';
import { encodeJson, PipesFloat } from '../../src/pipes/json.ts';
import { PipesMetadata, wireMetadata } from '../../src/pipes/metadata.ts';

describe('metadata', () => {
  it('gives each helper the type and value that Dagster reads', () => {
    const made = {
      text: PipesMetadata.text('a'),
      url: PipesMetadata.url('https://example.org'),
      path: PipesMetadata.path('/tmp/a'),
      notebook: PipesMetadata.notebook('/tmp/a.ipynb'),
      md: PipesMetadata.md('*a*'),
      json: PipesMetadata.json({ a: [1] }),
      int: PipesMetadata.int(5),
      big: PipesMetadata.int(7_300_000_000_000_000_123n),
      float: PipesMetadata.float(5),
      bool: PipesMetadata.bool(false),
      null: PipesMetadata.null(),
      run: PipesMetadata.dagsterRun('run-1'),
      asset: PipesMetadata.asset('a/b'),
      at: PipesMetadata.timestamp(new Date('2024-01-01T00:00:00.500Z')),
      schema: PipesMetadata.tableSchema([{ name: 'a', type: 'BIGINT', constraints: { nullable: false } }]),
      lineage: PipesMetadata.tableColumnLineage({ a: [{ asset_key: 'x/y', column_name: 'b' }] }),
    };
    expect(encodeJson(wireMetadata(made))).toBe(
      [
        '{"text": {"type": "text", "raw_value": "a"}',
        '"url": {"type": "url", "raw_value": "https://example.org"}',
        '"path": {"type": "path", "raw_value": "/tmp/a"}',
        '"notebook": {"type": "notebook", "raw_value": "/tmp/a.ipynb"}',
        '"md": {"type": "md", "raw_value": "*a*"}',
        '"json": {"type": "json", "raw_value": {"a": [1]}}',
        '"int": {"type": "int", "raw_value": 5}',
        '"big": {"type": "int", "raw_value": 7300000000000000123}',
        '"float": {"type": "float", "raw_value": 5.0}',
        '"bool": {"type": "bool", "raw_value": false}',
        '"null": {"type": "null", "raw_value": null}',
        '"run": {"type": "dagster_run", "raw_value": "run-1"}',
        '"asset": {"type": "asset", "raw_value": "a/b"}',
        '"at": {"type": "timestamp", "raw_value": 1704067200.5}',
        '"schema": {"type": "table_schema", "raw_value": {"columns": [{"name": "a", "type": "BIGINT", "constraints": {"nullable": false}}]}}',
        '"lineage": {"type": "table_column_lineage", "raw_value": {"deps_by_column": {"a": [{"asset_key": "x/y", "column_name": "b"}]}}}}',
      ].join(', '),
    );
  });

  it('sends a float that is no number as text', () => {
    expect(PipesMetadata.float(Number.NaN)).toEqual({ type: 'text', raw_value: 'NaN' });
    expect(wireMetadata({ rate: Number.POSITIVE_INFINITY })).toEqual({ rate: { type: 'text', raw_value: 'Infinity' } });
  });

  it('takes bare values: bigints as int, dates as timestamp, floats as float, the rest for Dagster to infer; a timestamp may be a float', () => {
    const bare = {
      id: 5n,
      at: new Date(1000),
      rate: new PipesFloat(2),
      whole: { type: 'timestamp', raw_value: new PipesFloat(1_704_067_200) },
      count: 5,
      none: null,
      list: [1],
      map: { a: 1 },
      text: 'x',
    };
    expect(encodeJson(wireMetadata(bare))).toBe(
      [
        '{"id": {"type": "int", "raw_value": 5}',
        '"at": {"type": "timestamp", "raw_value": 1}',
        '"rate": {"type": "float", "raw_value": 2.0}',
        '"whole": {"type": "timestamp", "raw_value": 1704067200.0}',
        '"count": {"type": "__infer__", "raw_value": 5}',
        '"none": {"type": "__infer__", "raw_value": null}',
        '"list": {"type": "__infer__", "raw_value": [1]}',
        '"map": {"type": "__infer__", "raw_value": {"a": 1}}',
        '"text": {"type": "__infer__", "raw_value": "x"}}',
      ].join(', '),
    );
  });

  it('is null where there is none, and leaves out a label whose value is undefined', () => {
    expect([wireMetadata(null), wireMetadata(undefined), wireMetadata({ a: undefined })]).toEqual([null, null, {}]);
  });

  it('keeps a label that is also a name of JavaScript itself', () => {
    expect(encodeJson(wireMetadata(JSON.parse('{"__proto__": 1}')))).toBe('{"__proto__": {"type": "__infer__", "raw_value": 1}}');
  });

  it('infers the columns of a table from its rows', () => {
    const rows = [
      { name: null, spend: 1.5, clicks: 3, ok: true },
      { name: 'a', spend: 2, clicks: 4n, ok: null },
    ];
    expect(PipesMetadata.table(rows).raw_value).toEqual({
      records: rows,
      schema: [
        { name: 'name', type: 'string' },
        { name: 'spend', type: 'float' },
        { name: 'clicks', type: 'int' },
        { name: 'ok', type: 'bool' },
      ],
    });
  });

  const schema = [{ name: 'a', type: 'int' }];
  it.each([
    ['an int given as text', { type: 'int', raw_value: '5' }],
    ['an int with a fraction', { type: 'int', raw_value: 5.5 }],
    ['an int beyond 2^53 as a number', { type: 'int', raw_value: 2 ** 53 }],
    ['an int given as a boolean', { type: 'int', raw_value: true }],
    ['a float given as text', { type: 'float', raw_value: '5.0' }],
    ['a text given as a number', { type: 'text', raw_value: 5 }],
    ['a text that is null', { type: 'text', raw_value: null }],
    ['a boolean given as 1', { type: 'bool', raw_value: 1 }],
    ['a timestamp given as ISO text', { type: 'timestamp', raw_value: '2024-01-01T00:00:00Z' }],
    ['a timestamp that is no moment', { type: 'timestamp', raw_value: Number.NaN }],
    ['JSON that is a bare number', { type: 'json', raw_value: 5 }],
    ['JSON that turns into text', { type: 'json', raw_value: new Date(0) }],
    ['the type `job`, which Dagster does not know', { type: 'job', raw_value: 'x' }],
    ['the type `constructor`, which only JavaScript knows', { type: 'constructor', raw_value: 'x' }],
    ['a typed value without raw_value', { type: 'int' }],
    ['a typed value without type', { raw_value: 5 }],
    ['a typed value with a third key', { type: 'int', raw_value: 5, unit: 's' }],
    ['table records with other columns', { type: 'table', raw_value: { records: [{ a: 1 }, { b: 1 }], schema } }],
    ['table records with fewer columns', { type: 'table', raw_value: { records: [{ a: 1 }, {}], schema } }],
    ['a table cell that is nested', { type: 'table', raw_value: { records: [{ a: [1] }], schema } }],
    ['a table cell that is undefined', { type: 'table', raw_value: { records: [{ a: undefined }], schema } }],
    ['a table without schema', { type: 'table', raw_value: { records: [] } }],
    ['a schema column without type', { type: 'table_schema', raw_value: { columns: [{ name: 'a' }] } }],
    [
      'a column description that is no text',
      { type: 'table_schema', raw_value: { columns: [{ ...schema[0], description: 5 }] } },
    ],
    ['a column tag that is no text', { type: 'table_schema', raw_value: { columns: [{ ...schema[0], tags: { a: 1 } }] } }],
    [
      'column tags that JSON makes a text of',
      { type: 'table_schema', raw_value: { columns: [{ ...schema[0], tags: new Date(0) }] } },
    ],
    ['an unknown constraint', { type: 'table_schema', raw_value: { columns: [{ ...schema[0], constraints: { key: true } }] } }],
    [
      'a constraint that is null',
      { type: 'table_schema', raw_value: { columns: [{ ...schema[0], constraints: { unique: null } }] } },
    ],
    [
      'lineage with a third key',
      { type: 'table_column_lineage', raw_value: { deps_by_column: { a: [{ asset_key: 'x', column_name: 'b', z: 1 }] } } },
    ],
  ])('refuses %s, naming the label', (_name, value) => {
    expect(() => wireMetadata({ label: value })).toThrow(/^Metadata `label`: /);
  });

  it('refuses metadata that is no mapping', () => {
    expect(() => wireMetadata(['a'])).toThrow(/mapping/);
  });
});
