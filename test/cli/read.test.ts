import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCommand } from '../../src/cli/read.ts';
import { commandBench, defsYaml } from '../support/commands.ts';

describe('tiktok-ads read', () => {
  it('says that there is no folder to write to, before it opens the warehouse', async () => {
    const b = commandBench();
    b.write('defs.yaml', defsYaml('advertiser_ids: "71"'));
    const { code, stderr } = await b.run(readCommand, ['defs.yaml', '--out', 'none/x.parquet']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--out: there is no folder') });
    expect(existsSync(join(b.folder, 'tiktok_ads_warehouse.duckdb'))).toBe(false);
  });

  it.each([
    ['missing.json', null, 'missing.json'],
    ['odd.json', 'no JSON', 'odd.json'],
    ['odd.json', '[{"account": 7, "start": null, "end": "yesterday"}]', 'yesterday|end'],
  ])('says that the spans of %s are wrong where it holds %j', async (name, text, words) => {
    const b = commandBench();
    b.write('defs.yaml', defsYaml('advertiser_ids: "71"'));
    if (text !== null) b.write(name, text);
    const { code, stderr } = await b.run(readCommand, ['defs.yaml', '--out', 'x.parquet', '--spans', name]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(words) });
    expect(stderr).not.toContain('bug');
  });
});
