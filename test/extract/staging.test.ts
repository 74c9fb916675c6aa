import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RowField, RowLayout } from '../../src/extract/rows.ts';
import { openStaging, type Staging } from '../../src/extract/staging.ts';
import type { ColumnType } from '../../src/table.ts';
import { temporaryFolder } from '../support/folders.ts';
import { testStaging } from '../support/staging.ts';

function field(column: string, type: ColumnType, more: Partial<RowField> = {}): RowField {
  return { column, path: [column], type, dashIsNull: false, ...more };
}

function layout(fields: readonly RowField[], more: Partial<RowLayout> = {}): RowLayout {
  const reserved = ['_load_id', '_loaded_at', '_deleted_at'];
  return { name: 'rows_things', records: 'list', framing: 'objects', keepsUnknown: true, reserved, fields, ...more };
}

const id = field('id', 'id');

function bodyOf(list: unknown): Buffer {
  return Buffer.from(typeof list === 'string' ? list : JSON.stringify({ code: 0, message: 'OK', data: { list } }));
}

/** The rows that a page becomes, as texts; a list or object as its JSON. */
async function typed(
  staging: Staging,
  of: RowLayout,
  ...pages: readonly unknown[]
): Promise<readonly Record<string, string | null>[]> {
  for (const [at, list] of pages.entries())
    await staging.append(of, {
      unit: 1,
      pass: 0,
      page: at + 1,
      records: Array.isArray(list) ? list.length : 0,
      body: bodyOf(list),
    });
  await staging.flush(of);
  const rows = await staging.rows(`SELECT COLUMNS(* EXCLUDE (_unit, _pass, _page))::VARCHAR FROM ${of.name} ORDER BY _page, 1`);
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)])),
  );
}

async function oneValue(type: ColumnType, value: unknown, more: Partial<RowField> = {}): Promise<string | null | undefined> {
  const staging = await testStaging();
  const json = typeof value === 'string' && value.startsWith('raw:') ? value.slice(4) : JSON.stringify(value);
  const [row] = await typed(
    staging,
    layout([id, field('value', type, more)]),
    `{"code":0,"data":{"list":[{"id":"1","value":${json}}]}}`,
  );
  return row?.['value'];
}

describe('values', () => {
  it.each([
    ['id', '1780000000000000001', '1780000000000000001'],
    ['id', 'raw:1780000000000000001', '1780000000000000001'],
    ['id', 'raw:12345678901234567890', '12345678901234567890'],
    ['text', 'Ünï\u0000cødé 🎬 "quoted" \\ | \n line', 'Ünï\u0000cødé 🎬 "quoted" \\ | \n line'],
    ['text', '', ''],
    ['text', '-', '-'],
    ['text', null, null],
    ['text', { a: [1] }, '{"a":[1]}'],
    ['count', '3750', '3750'],
    ['count', '9007199254740993', '9007199254740993'],
    ['count', '1.0', '1'],
    ['count', 'raw:7.0', '7'],
    ['count', '', null],
    ['decimal', '14.68', '14.680000'],
    ['decimal', '20.000', '20.000000'],
    ['decimal', '-0.01', '-0.010000'],
    ['decimal', 'raw:50.0', '50.000000'],
    ['decimal', '123456789012.123456', '123456789012.123456'],
    ['boolean', true, 'true'],
    ['boolean', 'false', 'false'],
    ['boolean', '1', 'true'],
    ['date', '2026-01-05 00:00:00', '2026-01-05'],
    ['date', '2026-01-05', '2026-01-05'],
    ['timestamp', '2026-03-04 09:15:00', '2026-03-04 09:15:00'],
    ['timestamp', '2026-06-10T07:39:14Z', '2026-06-10 07:39:14'],
    ['timestamp', '', null],
    ['local_timestamp', '2026-01-05 10:00:00', '2026-01-05 10:00:00'],
    ['json', ['a', 1, null], '["a",1,null]'],
    ['json', { a: { b: 'c"d' } }, '{"a":{"b":"c\\"d"}}'],
    ['json', null, null],
    ['json', 'null', 'null'],
    ['json', [], '[]'],
    ['json', '', null],
    ['json', 'plain text', '"plain text"'],
  ] as readonly (readonly [ColumnType, unknown, string | null])[])('a %s takes %j', async (type, value, expected) => {
    const found = await oneValue(type, value);
    expect(type === 'json' && expected === 'null' ? [null, '"null"'] : [expected]).toContain(found);
  });

  it('a time in seconds since 1970 is an instant', async () => {
    expect(await oneValue('timestamp', 1_630_055_520, { format: 'unix-seconds' })).toBe('2021-08-27 09:12:00');
    expect(await oneValue('timestamp', null, { format: 'unix-seconds' })).toBeNull();
  });

  it('a dash is NULL in reports and a text elsewhere', async () => {
    expect(await oneValue('decimal', '-', { dashIsNull: true })).toBeNull();
    expect(await oneValue('count', '-', { dashIsNull: true })).toBeNull();
    expect(await oneValue('text', '-', { dashIsNull: true })).toBeNull();
    expect(await oneValue('text', '-')).toBe('-');
  });

  it('a missing field is NULL', async () => {
    const staging = await testStaging();
    expect(await typed(staging, layout([id, field('value', 'decimal')]), [{ id: '1' }])).toEqual([{ id: '1', value: null }]);
  });
});

describe('values that fit no type', () => {
  it('are NULL, counted, and told with an example', async () => {
    const staging = await testStaging();
    const of = layout([id, field('views', 'count'), field('spend', 'decimal'), field('made', 'timestamp')]);
    const rows = await typed(staging, of, [
      { id: '1', views: '<5', spend: '1.5', made: '2026-01-01 00:00:00' },
      { id: '2', views: '7', spend: 'much', made: 'yesterday' },
      { id: '3', views: '<5', spend: '2.5', made: null },
    ]);
    expect(rows.map((row) => row['views'])).toEqual([null, '7', null]);
    expect(rows.map((row) => Number(row['spend']))).toEqual([1.5, 0, 2.5]);
    expect(staging.untyped()).toEqual(
      expect.arrayContaining([
        { table: 'rows_things', column: 'views', count: 2, example: '<5' },
        { table: 'rows_things', column: 'spend', count: 1, example: 'much' },
        { table: 'rows_things', column: 'made', count: 1, example: 'yesterday' },
      ]),
    );
    expect(staging.untyped()).toHaveLength(3);
  });

  it('change the types of no other column', async () => {
    const staging = await testStaging();
    const of = layout([id, field('views', 'count'), field('spend', 'decimal')]);
    await typed(staging, of, [{ id: '1', views: '<5', spend: '1.5' }]);
    expect((await staging.flush(of)).map((one) => one.type)).toEqual(['id', 'count', 'decimal']);
  });

  it('of counts with a fraction are not rounded', async () => {
    expect(await oneValue('count', '1.5')).toBeNull();
  });
});

describe('decimals with more digits than usual', () => {
  it.each(['1234567890123.45', '0.1234567', '12345678901234567890.123456789', '-0.000000001'])(
    '%s is kept exactly',
    async (text) => {
      const staging = await testStaging();
      const of = layout([id, field('spend', 'decimal'), field('other', 'decimal')]);
      const rows = await typed(staging, of, [{ id: '1', spend: '1.5', other: '1' }], [{ id: '2', spend: text, other: '2' }]);
      expect(rows[1]?.['spend']?.replace(/\.?0+$/, '')).toBe(text);
      expect(rows[0]?.['spend']?.replace(/\.?0+$/, '')).toBe('1.5');
      expect(staging.untyped()).toEqual([]);
    },
  );

  it('widen their own column only', async () => {
    const staging = await testStaging();
    const of = layout([id, field('spend', 'decimal'), field('other', 'decimal')]);
    await typed(staging, of, [{ id: '1', spend: '0.1234567', other: '2.5' }]);
    expect((await staging.flush(of)).map((one) => one.type)).toEqual(['id', 'wide_decimal', 'decimal']);
  });

  it('may come in an exponent', async () => {
    expect(await oneValue('decimal', 'raw:1.5e3')).toBe('1500.000000');
    expect(Number(await oneValue('decimal', 'raw:2e-8'))).toBe(2e-8);
  });
});

describe('fields that nobody declared', () => {
  it('become columns, with lists and objects as JSON', async () => {
    const staging = await testStaging();
    const rows = await typed(staging, layout([id]), [
      { id: '1', novel: 'x', list: [1, 2], tree: { a: 1 }, flag: true, number: 12.5 },
    ]);
    expect(rows).toEqual([{ id: '1', novel: 'x', list: '[1,2]', tree: '{"a":1}', flag: 'true', number: '12.5' }]);
    const types = new Map((await staging.flush(layout([id]))).map((one) => [one.column, one.type]));
    expect(Object.fromEntries(types)).toEqual({
      id: 'id',
      novel: 'text',
      list: 'json',
      tree: 'json',
      flag: 'boolean',
      number: 'text',
    });
  });

  it('keep their type where some records have null', async () => {
    const staging = await testStaging();
    await typed(staging, layout([id]), [
      { id: '1', list: null, flag: null },
      { id: '2', list: [1], flag: true },
    ]);
    const types = new Map((await staging.flush(layout([id]))).map((one) => [one.column, one.type]));
    expect(types.get('list')).toBe('json');
    expect(types.get('flag')).toBe('boolean');
  });

  it('that come with a later page leave earlier rows NULL', async () => {
    const staging = await testStaging();
    const of = layout([id]);
    await typed(staging, of, [{ id: '1' }]);
    expect(await typed(staging, of, [{ id: '2', late: 'x' }])).toEqual([
      { id: '1', late: null },
      { id: '2', late: 'x' },
    ]);
  });

  it.each(['a b', 'a"b', "a'b", 'a.b', 'a\\b', 'Ünï', 'select', '$.x', '[0]', 'a-b'])('may be named %j', async (name) => {
    const staging = await testStaging();
    expect(await typed(staging, layout([id]), [{ id: '1', [name]: 'x' }])).toEqual([{ id: '1', [name]: 'x' }]);
  });

  it('may be named like a column of our own', async () => {
    const staging = await testStaging();
    const rows = await typed(staging, layout([id]), [
      { id: '1', _unit: 'c', _load_id: 'd', _loaded_at: 'e', _deleted_at: 'f', Id_api: 'g' },
    ]);
    expect(rows).toEqual([
      { id: '1', _unit_api: 'c', _load_id_api: 'd', _loaded_at_api: 'e', _deleted_at_api: 'f', Id_api: 'g' },
    ]);
  });

  it('are left out where only upper and lower case tells them from another, which DuckDB cannot read', async () => {
    const staging = await testStaging();
    const rows = await typed(staging, layout([id, field('status', 'text')]), [
      { id: '1', status: 'a', Status: 'b', Novel: 'c', novel: 'd' },
    ]);
    expect(rows[0]).toMatchObject({ id: '1', status: 'a' });
    expect(Object.keys(rows[0] ?? {})).toHaveLength(3);
  });

  it('are left alone where the layout wants its own fields only', async () => {
    const staging = await testStaging();
    expect(await typed(staging, layout([id], { keepsUnknown: false }), [{ id: '1', novel: 'x' }])).toEqual([{ id: '1' }]);
  });

  it('are looked for among the metrics of a report', async () => {
    const staging = await testStaging();
    const of = layout([{ column: 'ad_id', path: ['dimensions', 'ad_id'], type: 'id', dashIsNull: false }], {
      framing: 'report-rows',
    });
    expect(await typed(staging, of, [{ dimensions: { ad_id: '1' }, metrics: { fresh: '-', other: '2' } }])).toEqual([
      { ad_id: '1', fresh: null, other: '2' },
    ]);
  });

  it('whose column was renamed get another name than it', async () => {
    const staging = await testStaging();
    const of = layout([id, field('api_status', 'text', { path: ['status'] }), field('status_derived', 'text', { path: ['x'] })]);
    expect(await typed(staging, of, [{ id: '1', status: 'a', api_status: 'b' }])).toEqual([
      { id: '1', api_status: 'a', status_derived: null, api_status_api: 'b' },
    ]);
  });
});

describe('bodies', () => {
  it('may be printed over many lines, and texts keep their line breaks', async () => {
    const staging = await testStaging();
    const pretty = JSON.stringify({ code: 0, data: { list: [{ id: '1', name: 'two\nlines' }] } }, null, 2).replaceAll(
      '\n',
      '\r\n',
    );
    expect(await typed(staging, layout([id, field('name', 'text')]), pretty)).toEqual([{ id: '1', name: 'two\nlines' }]);
  });

  it.each(['[]', 'null'])('may have %s for their list', async (list) => {
    const staging = await testStaging();
    expect(await typed(staging, layout([id]), `{"code":0,"data":{"list":${list}}}`)).toEqual([]);
  });

  it.each(['{"code":0}', '{"code":0,"data":{}}', '{"code":0,"data":null}'])('may be %s', async (body) => {
    const staging = await testStaging();
    expect(await typed(staging, layout([id]), body)).toEqual([]);
  });

  it('of many pages are typed a few megabytes at a time, none lost', async () => {
    const staging = await testStaging();
    const of = layout([id, field('name', 'text')]);
    const pageOf = (number: number): Buffer =>
      bodyOf(Array.from({ length: 1_000 }, (_, at) => ({ id: `${number}-${at}`, name: 'n'.repeat(400) })));
    await Promise.all(
      Array.from({ length: 40 }, (_, at) =>
        staging.append(of, { unit: at % 3, pass: 0, page: at, records: 1_000, body: pageOf(at) }),
      ),
    );
    await staging.flush(of);
    const [row] = await staging.rows('SELECT count(*) AS rows, count(DISTINCT id) AS ids FROM rows_things');
    expect([Number(row?.['rows']), Number(row?.['ids'])]).toEqual([40_000, 40_000]);
    await staging.discard(of, [0, 1]);
    const [rest] = await staging.rows('SELECT count(*) AS rows FROM rows_things');
    expect(Number(rest?.['rows'])).toBe(13_000);
  });

  it('of entities with many long texts fit into the memory that a run has', async () => {
    const staging = await testStaging(128);
    const texts = Array.from({ length: 80 }, (_, at) => field(`text_${at}`, 'text'));
    const of = layout([id, ...texts]);
    const record = (at: number): unknown => ({
      id: `${at}`,
      ...Object.fromEntries(texts.map((one) => [one.column, 'x'.repeat(80)])),
    });
    for (let page = 0; page < 6; page += 1) {
      const list = Array.from({ length: 1_000 }, (_, at) => record(page * 1_000 + at));
      await staging.append(of, { unit: 1, pass: 0, page, records: 1_000, body: bodyOf(list) });
    }
    await staging.flush(of);
    const [row] = await staging.rows('SELECT count(DISTINCT id) AS ids, min(length(text_79)) AS shortest FROM rows_things');
    expect([Number(row?.['ids']), Number(row?.['shortest'])]).toEqual([6_000, 80]);
  });

  it('of many records keep every value, whatever its texts, lists and objects hold', async () => {
    const anything = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('},{', '"', '\\', '\\"', ']}', '"list":[', '\n', '}},{"'),
      fc.jsonValue({ maxDepth: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { minLength: 1, maxLength: 20 }), fc.boolean(), async (values, pretty) => {
        const staging = await testStaging();
        const list = Array.from({ length: 250 }, (_, at) => ({ tree: { of: values[at % values.length] ?? null }, id: `${at}` }));
        const text = JSON.stringify({ code: 0, message: 'OK', data: { list, page_info: { page: 1 } } }, null, pretty ? 1 : 0);
        const of = layout([id, field('tree', 'json')]);
        await staging.append(of, { unit: 1, pass: 0, page: 1, records: 250, body: Buffer.from(text) });
        await staging.flush(of);
        const rows = await staging.rows('SELECT id, tree::VARCHAR AS tree FROM rows_things ORDER BY id::INTEGER');
        expect(rows.map((row) => ({ tree: JSON.parse(String(row['tree'])), id: row['id'] }))).toEqual(
          JSON.parse(JSON.stringify(list)),
        );
        await staging.close();
      }),
      { numRuns: 25 },
    );
  });

  it('are gone from the disk once typed', async () => {
    const staging = await testStaging();
    await typed(staging, layout([id]), [{ id: '1' }]);
    expect(readdirSync(staging.directory).filter((name) => name.endsWith('.ndjson'))).toEqual([]);
  });
});

describe('the staging folder', () => {
  const options = { memoryLimitMb: 64, threads: 1 };

  it('is removed at the end', async () => {
    const parent = temporaryFolder();
    const staging = await openStaging({ ...options, parent, processId: 1, isAlive: () => true });
    expect(existsSync(staging.directory)).toBe(true);
    await staging.close();
    expect(readdirSync(parent)).toEqual([]);
  });

  it('left behind by a process that was killed is removed by the next run, others are not', async () => {
    const parent = temporaryFolder();
    for (const name of ['run-111-1-1', 'run-222-1-1', 'something-else']) mkdirSync(join(parent, name));
    const staging = await openStaging({ ...options, parent, processId: 333, isAlive: (processId) => processId === 222 });
    expect(readdirSync(parent).filter((name) => !name.startsWith('run-333'))).toEqual(['run-222-1-1', 'something-else']);
    await staging.close();
  });

  it('is closed only when no statement is under way, and takes none after that', async () => {
    const staging = await openStaging({ ...options, parent: temporaryFolder(), processId: 1, isAlive: () => true });
    const running = staging.rows('SELECT sum(hash(a.range + b.range)) FROM range(3000) a, range(3000) b');
    await staging.close();
    expect(await running).toHaveLength(1);
    await expect(staging.run('SELECT 1')).rejects.toThrow('closed');
  });
});

describe('pages of a report', () => {
  const of = layout(
    [
      { column: 'ad_id', path: ['dimensions', 'ad_id'], type: 'id', dashIsNull: false },
      { column: 'ad_name', path: ['metrics', 'ad_name'], type: 'text', dashIsNull: true },
      { column: 'spend', path: ['metrics', 'spend'], type: 'decimal', dashIsNull: true },
    ],
    { framing: 'report-rows' },
  );
  const rowsOf = (name: string, count = 300): readonly unknown[] =>
    Array.from({ length: count }, (_, at) => ({
      dimensions: { ad_id: `${at}` },
      metrics: { ad_name: name, spend: '0.10', fresh: at === 0 ? 'f' : '-' },
    }));

  const shapes: readonly (readonly [string, (list: readonly unknown[]) => string])[] = [
    ['as TikTok sends them', (list) => JSON.stringify({ code: 0, message: 'OK', data: { list, page_info: { page: 1 } } })],
    ['with the page numbers first', (list) => JSON.stringify({ code: 0, message: 'OK', data: { page_info: { page: 1 }, list } })],
    ['with a message in brackets behind', (list) => JSON.stringify({ code: 0, data: { list }, message: '[OK]' })],
    [
      'with spaces',
      (list) => JSON.stringify({ code: 0, message: 'OK', data: { list } }).replaceAll('},{"dimensions', '}, {"dimensions'),
    ],
    ['printed over many lines', (list) => JSON.stringify({ code: 0, message: 'OK', data: { list } }, null, 1)],
    [
      'with totals',
      (list) => JSON.stringify({ code: 0, message: 'OK', data: { list, total_metrics: { spend: '30.00' }, page_info: {} } }),
    ],
  ];

  it.each(shapes)('are read whole %s', async (_, write) => {
    for (const name of ['plain', 'a}},{', '"quoted"', '}},{"dimensions":{', '],[', 'Ünï 🎬\n']) {
      const staging = await testStaging();
      await staging.append(of, { unit: 1, pass: 0, page: 1, records: 300, body: Buffer.from(write(rowsOf(name))) });
      const fields = await staging.flush(of);
      expect(fields.map((one) => one.column)).toContain('fresh');
      const [row] = await staging.rows(
        'SELECT count(*) AS rows, count(DISTINCT ad_id) AS ids, sum(spend)::VARCHAR AS spend, any_value(ad_name) AS name FROM rows_things',
      );
      expect([Number(row?.['rows']), Number(row?.['ids']), Number(row?.['spend']), row?.['name']], name).toEqual([
        300,
        300,
        30,
        name,
      ]);
    }
  });

  it('keep unit and pass apart', async () => {
    const staging = await testStaging();
    const body = (): Buffer => bodyOf(rowsOf('x'));
    for (const [unit, pass] of [
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 0],
    ] as const)
      await staging.append(of, { unit, pass, page: 1, records: 300, body: body() });
    await staging.flush(of);
    const rows = await staging.rows('SELECT _unit, _pass, count(*) AS rows FROM rows_things GROUP BY ALL ORDER BY ALL');
    expect(rows.map((row) => [row['_unit'], row['_pass'], Number(row['rows'])])).toEqual([
      [1, 0, 300],
      [1, 1, 300],
      [2, 0, 600],
    ]);
  });

  it('with a value that fits no type lose that value only', async () => {
    const staging = await testStaging();
    const list = rowsOf('x').map((row, at) =>
      at === 250 ? { dimensions: { ad_id: '250' }, metrics: { ad_name: 'x', spend: 'n/a' } } : row,
    );
    await staging.append(of, { unit: 1, pass: 0, page: 1, records: 300, body: bodyOf(list) });
    await staging.flush(of);
    const [row] = await staging.rows('SELECT count(*) AS rows, count(spend) AS values FROM rows_things');
    expect([Number(row?.['rows']), Number(row?.['values'])]).toEqual([300, 299]);
    expect(staging.untyped()).toEqual([{ table: 'rows_things', column: 'spend', count: 1, example: 'n/a' }]);
  });
});

describe('units', () => {
  it('that could not be written are written by the next flush, however many there are', async () => {
    const staging = await testStaging();
    const things = layout([id]);
    const open = (unit: number): void => staging.openUnit(unit, { advertiserIds: ['1'], window: null }, null);
    for (let unit = 1; unit <= 1_500; unit += 1) open(unit);
    await staging.run('ALTER TABLE _units RENAME TO _units_away');
    await expect(staging.flush(things)).rejects.toThrow('_units');
    await staging.run('ALTER TABLE _units_away RENAME TO _units');
    for (let unit = 1_501; unit <= 2_500; unit += 1) open(unit);
    await Promise.all([staging.flush(things), staging.flush(things)]);
    expect(await staging.rows('SELECT count(*)::INTEGER AS n, count(DISTINCT unit)::INTEGER AS units FROM _units')).toEqual([
      { n: 2_500, units: 2_500 },
    ]);
  });
});
