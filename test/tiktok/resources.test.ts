import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ColumnType } from '../../src/table.ts';
import type { ResourceDefinition } from '../../src/tiktok/resource.ts';
import { resourceNames, resources } from '../../src/tiktok/resources/index.ts';

/** The record of the documented answer. */
function sampleOf(resource: ResourceDefinition): Readonly<Record<string, unknown>> {
  const text = readFileSync(new URL(`../fixtures/resources/${resource.name}.json`, import.meta.url), 'utf8');
  const answer = JSON.parse(text) as { readonly data: Readonly<Record<string, readonly Record<string, unknown>[]>> }; // The fixture's own shape.
  const [record] = answer.data[resource.records] ?? [];
  if (!record) throw new Error(`${resource.name}.json holds no record`);
  return record;
}

/** The record's field of a column, and the column's type. */
function fieldsOf(resource: ResourceDefinition): ReadonlyMap<string, { readonly column: string; readonly type: ColumnType }> {
  return new Map(
    Object.entries(resource.columns).map(([column, definition]) =>
      typeof definition === 'string'
        ? [column, { column, type: definition }]
        : [definition.field ?? column, { column, type: definition.type }],
    ),
  );
}

function fits(type: ColumnType, value: unknown): boolean {
  if (value === null) return true;
  switch (type) {
    case 'id':
      return typeof value === 'string' || typeof value === 'number';
    case 'text':
      return typeof value === 'string';
    case 'count':
      return Number.isInteger(value);
    case 'decimal':
    case 'wide_decimal':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'timestamp':
      return Number.isInteger(value) || /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\dZ?$/.test(String(value));
    case 'json':
      return typeof value === 'object';
    case 'date':
    case 'local_timestamp':
      return false;
  }
}

test('the registry holds every resource that the configuration may name, reports apart', () => {
  expect([...resources.map(({ name }) => name), 'reports']).toEqual(resourceNames);
});

describe.each(resources.map((resource) => [resource.name, resource] as const))('%s', (_, resource) => {
  test('has a key of its account and one id', () => {
    const fields = fieldsOf(resource);
    expect(resource.primaryKey[0]).toBe('advertiser_id');
    expect(resource.primaryKey.map((name) => fields.get(name)?.type)).toEqual(resource.primaryKey.map(() => 'id'));
  });

  test('reads a path that ends with a slash', () => {
    expect(resource.path).toMatch(/^[a-z/]+\/$/);
  });

  test('knows every field of its documented answer', () => {
    const fields = fieldsOf(resource);
    expect(Object.keys(sampleOf(resource)).filter((field) => !fields.has(field))).toEqual([]);
  });

  test('types every field of its documented answer as it is sent', () => {
    const fields = fieldsOf(resource);
    const wrong = Object.entries(sampleOf(resource)).filter(([field, value]) => !fits(fields.get(field)?.type ?? 'date', value));
    expect(wrong).toEqual([]);
  });

  test('keeps ids as text', () => {
    const ids = [...fieldsOf(resource)].filter(([field, { type }]) => /(^|_)id$/.test(field) && type !== 'id');
    expect(ids).toEqual([]);
  });

  test('makes its derived columns from columns that it has, under names of their own', () => {
    expect(Object.keys(resource.derived).filter((name) => name in resource.columns)).toEqual([]);
    for (const [name, derived] of Object.entries(resource.derived)) {
      const used =
        derived.kind === 'companion'
          ? []
          : derived.kind === 'first-of'
            ? derived.columns
            : [
                ...derived.cases.map(({ column }) => column),
                ...('column' in derived.otherwise ? [derived.otherwise.column] : []),
              ];
      expect(
        used.filter((column) => !(column in resource.columns)),
        name,
      ).toEqual([]);
      if (derived.kind === 'companion') expect(Object.keys(resource.companion?.fields ?? {}), name).toContain(derived.field);
    }
  });

  test('is asked once with deleted ones and once without, or always the same way', () => {
    const asked = (includeDeleted: boolean) =>
      resource.passes.filter(({ when }) => when === 'always' || (when === 'include-deleted') === includeDeleted);
    expect(asked(true).length).toBe(asked(false).length);
    const all = asked(true).map(({ query }) => JSON.stringify(query));
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('what the documentation lists', () => {
  const columnsOf = (name: string) => Object.keys(resources.find((resource) => resource.name === name)?.columns ?? {});

  test.each([
    ['advertisers', 33],
    ['campaigns', 40],
    ['ad_groups', 140],
    ['ads', 85],
    ['videos', 23],
    ['images', 14],
  ])('of %s is there: %i fields', (name, count) => {
    expect(columnsOf(name)).toHaveLength(count);
  });
});

describe('the ways of asking', () => {
  const byName = (name: string) => {
    const resource = resources.find((one) => one.name === name);
    if (!resource) throw new Error(`${name} is no resource`);
    return resource;
  };

  test.each(['campaigns', 'ad_groups', 'ads'])('%s are asked for TopView alone, and for deleted ones by status', (name) => {
    const passes = byName(name).passes.filter(({ when }) => when === 'include-deleted');
    expect(passes.map(({ query }) => query['filtering'])).toEqual([
      { campaign_system_origins: ['TT_ADS_PLATFORM', 'PROMOTE'], primary_status: 'STATUS_ALL' },
      { buying_types: ['RESERVATION_TOP_VIEW'], primary_status: 'STATUS_ALL' },
    ]);
  });

  test('a page of TopView ad groups holds 100', () => {
    const sizes = byName('ad_groups').passes.map(({ pageSizeMax }) => pageSizeMax ?? null);
    expect(sizes).toEqual([null, null, 100, 100]);
    expect(byName('campaigns').companion?.passes).toBe(byName('ad_groups').passes);
  });

  test.each([
    ['videos', 60, 'video_ids'],
    ['images', 100, 'image_ids'],
  ])('%s beyond the newest 10,000 are read by id, %i at a time', (name, idsMax, idsParameter) => {
    expect(byName(name).reach).toMatchObject({ newest: 10_000, idsMax, idsParameter });
    expect(byName(name).pagination).toEqual({ kind: 'page-number', pageSizeMax: 100 });
  });

  test('accounts are asked for a hundred at a time, without pages', () => {
    expect(byName('advertisers')).toMatchObject({
      advertisers: { kind: 'many-per-request', max: 100 },
      pagination: { kind: 'none' },
    });
  });
});
