import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bigqueryDialect } from '../../src/destinations/bigquery-dialect.ts';
import { type Dialect, shortenIdentifier, storedColumn } from '../../src/destinations/dialect.ts';
import { duckdbDialect } from '../../src/destinations/duckdb-dialect.ts';
import { postgresDialect } from '../../src/destinations/postgres-dialect.ts';
import { postgresError } from '../../src/destinations/postgres-errors.ts';
import { redshiftDialect } from '../../src/destinations/redshift-dialect.ts';
import { copyStaged } from '../../src/destinations/redshift-s3.ts';
import { snowflakeDialect } from '../../src/destinations/snowflake-dialect.ts';
import { commonType, planMigration } from '../../src/load/migrate.ts';
import { scopeGroups } from '../../src/load/scopes.ts';
import { dayAfter, sqlTimestamp } from '../../src/load/sql-time.ts';
import type { ColumnType } from '../../src/table.ts';
import { reports } from '../contract/destination-fixtures.ts';

const dialects: readonly Dialect[] = [duckdbDialect, postgresDialect, snowflakeDialect, bigqueryDialect, redshiftDialect];
const types = Object.keys(duckdbDialect.types) as ColumnType[]; // The record's keys are these by its type.

describe('The type that two types have in common', () => {
  test.each([
    ['count', 'decimal', 'wide_decimal'],
    ['decimal', 'count', 'wide_decimal'],
    ['decimal', 'wide_decimal', 'wide_decimal'],
    ['wide_decimal', 'decimal', 'wide_decimal'],
    ['text', 'count', 'text'],
    ['date', 'timestamp', 'timestamp'],
    ['json', 'boolean', 'text'],
    ['count', 'count', 'count'],
  ] as const)('of %s in the table and %s in the rows is %s', (existing, wanted, common) => {
    expect(commonType(duckdbDialect, existing, wanted)).toBe(common);
  });

  test('stays as it is once it has been reached, so that no table goes to and fro', () => {
    for (const dialect of dialects) {
      for (const existing of types) {
        for (const wanted of types) {
          const common = commonType(dialect, existing, wanted);
          expect(dialect.types[commonType(dialect, common, wanted)]).toBe(dialect.types[common]);
          expect(dialect.types[commonType(dialect, common, existing)]).toBe(dialect.types[common]);
        }
      }
    }
  });

  test('is read back from the warehouse’s own name for it', () => {
    const existing = reports.columns.map(({ name, type }) => storedColumn(duckdbDialect, name, duckdbDialect.types[type]));
    const plan = planMigration(duckdbDialect, reports, existing.reverse());
    expect(plan).toMatchObject({ added: [], changes: [] });
  });
});

describe('A name', () => {
  test('is never longer than allowed, stays what it is where it fits, and two names stay two', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), fc.string({ unit: 'binary', maxLength: 120 }), (one, other) => {
        const [first, second] = [shortenIdentifier(one, 63), shortenIdentifier(other, 63)];
        expect(Buffer.byteLength(first)).toBeLessThanOrEqual(63);
        if (Buffer.byteLength(one) <= 63) expect(first).toBe(one);
        if (one !== other) expect(first).not.toBe(second);
      }),
    );
  });

  test.each(dialects.map((dialect) => [dialect.name, dialect] as const))(
    'cannot end the quotes it stands in: %s',
    (_, dialect) => {
      fc.assert(
        fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (name) => {
          const quoted = dialect.identifier(name);
          const mark = quoted[0] ?? '';
          expect(quoted.at(-1)).toBe(mark);
          expect(quoted.slice(1, -1).replaceAll(mark + mark, '')).not.toContain(mark);
        }),
      );
    },
  );
});

describe('Scopes', () => {
  test('that share a window share a statement, up to a number that every warehouse takes', () => {
    const window = { start: '2024-01-01', end: '2024-01-31' };
    const many = Array.from({ length: 1100 }, (_, at) => ({ advertiserId: String(at), window }));
    const groups = scopeGroups([...many, { advertiserId: '1', window: null }, { advertiserId: '1', window }]);
    expect(groups.map((group) => [group.window?.start ?? null, group.advertiserIds.length])).toEqual([
      ['2024-01-01', 500],
      ['2024-01-01', 500],
      ['2024-01-01', 100],
      [null, 1],
    ]);
  });

  test('end before the day after their last, also at the end of a year and of February', () => {
    expect(['2023-12-31', '2024-02-28', '2024-02-29', '2023-02-28'].map(dayAfter)).toEqual([
      '2024-01-01',
      '2024-02-29',
      '2024-03-01',
      '2023-03-01',
    ]);
    expect(sqlTimestamp('2024-03-01T02:00:00+02:00')).toBe('2024-03-01 00:00:00.000');
  });
});

describe('Redshift’s COPY', () => {
  const server = { product: 'Redshift', host: 'h', port: 1, database: 'd', username: 'u' };

  test('takes a role or keys, and no message shows the keys', () => {
    expect(copyStaged('t', 's3://b/k', { iam_role: 'default' }).sql).toBe(
      "COPY t FROM 's3://b/k' IAM_ROLE default FORMAT AS PARQUET",
    );
    const { sql } = copyStaged('t', 's3://b/k', {
      aws_access_key_id: 'hidden1',
      aws_secret_access_key: "hid'den2",
      aws_session_token: 'hidden3',
    });
    expect(sql).toContain("SECRET_ACCESS_KEY 'hid''den2'");
    const error = postgresError(new Error('boom'), server, sql);
    expect(error.message).toContain('SECRET_ACCESS_KEY');
    expect(error.message).not.toMatch(/hidden1|den2|hidden3/);
  });
});
