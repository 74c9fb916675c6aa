import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { destinationMistakes } from '../../src/config/destination-mistakes.ts';
import { destinations } from '../../src/destinations/index.ts';
import { postgres } from '../../src/destinations/postgres.ts';
import { load } from '../../src/load/load.ts';
import { ensureViews } from '../../src/load/views.ts';
import {
  advertiser,
  deleteInsert,
  january,
  openBench,
  reportColumns,
  reports,
  request,
  rowsOf,
  scope,
} from '../contract/destination-fixtures.ts';
import { startPostgres } from './servers/postgres.ts';

const pageOf = (name: string): string =>
  readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'destinations', `${name}.md`), 'utf8');
const blocks = (text: string, language: string): readonly string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1] ?? '');

describe('The page of', () => {
  test.each(destinations.map(({ name }) => name))('%s has examples that are right', (name) => {
    const examples = blocks(pageOf(name), 'yaml').map((text) => parse(text) as Readonly<Record<string, unknown>>);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const attributes = { asset_name: 'tiktok_ads', mode: 'simulate', destination: name, ...example };
      expect({ example, mistakes: destinationMistakes(attributes, '/') }).toEqual({ example, mistakes: [] });
    }
  });

  test('Postgres names rights that suffice for all that a load does', async () => {
    const page = pageOf('postgres');
    const [rights = ''] = blocks(page.slice(page.indexOf('<!-- rights:begin -->')), 'sql');
    const server = await startPostgres();
    try {
      const owner = new pg.Client({ connectionString: server.url });
      await owner.connect();
      await owner.query('CREATE DATABASE marketing');
      await owner.query('REVOKE ALL ON DATABASE marketing FROM PUBLIC');
      for (const statement of rights.split(';').filter((sql) => sql.trim() !== '')) await owner.query(statement);
      await owner.end();
      const credentials = {
        host: '127.0.0.1',
        port: server.port,
        database: 'marketing',
        username: 'loader',
        password: 'choose one',
      };
      const bench = await openBench({
        definition: postgres,
        given: { config: { credentials }, url: null, datasetName: 'tiktok_ads', directory: '/' },
      });
      try {
        await bench.session.ensureSchema();
        for (const loadId of ['load-1', 'load-2']) {
          const staged = await bench.stage(reportColumns, [[advertiser, '2024-01-01', '11', '3', '1.50']]);
          await load(
            bench.session,
            request({ table: reports, staged, write: deleteInsert, scopes: [scope(advertiser, january)], loadId }),
          );
        }
        const columns = reportColumns.map((column) => column.name);
        const views = { table: 'reports', columns, dimensions: ['campaign_id'], metrics: ['spend'] };
        await ensureViews(bench.session, { reports: [views], assetView: { name: 'ads', table: 'reports', columns } });
        expect(await rowsOf(bench.session, 'ads', ['campaign_id', 'spend'])).toEqual([['11', '1.5']]);
      } finally {
        await bench.close();
      }
    } finally {
      await server.stop();
    }
  });
});
