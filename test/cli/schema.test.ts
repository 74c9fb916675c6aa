import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { schemaCommand } from '../../src/cli/schema.ts';
import { renderTable } from '../../src/cli/table.ts';
import { runCommand } from './command.ts';

describe('tiktok-ads schema', () => {
  it('prints the schema that is in the repository, with --json too', async () => {
    const file = readFileSync(join(import.meta.dirname, '../../component.yaml.schema.json'), 'utf8');
    expect((await runCommand(schemaCommand, [])).stdout).toBe(file);
    expect((await runCommand(schemaCommand, ['--json'])).stdout).toBe(file);
  });

  it('prints the attributes as a table', async () => {
    const { stdout } = await runCommand(schemaCommand, ['--table']);
    expect(stdout).toMatch(/^asset_name +required +Asset key/m);
    expect(stdout).toMatch(/^resources +campaigns,reports +Which tables/m);
  });

  it('teaches with --help', async () => {
    expect((await runCommand(schemaCommand, ['--help'])).stdout).toContain('component.yaml.schema.json');
  });
});

describe('renderTable', () => {
  it('aligns columns, numbers on the right, wide characters as two', () => {
    const text = renderTable(
      [{ title: 'NAME' }, { title: 'ROWS', align: 'right' }, { title: 'NOTE' }],
      [
        ['日本', '5', 'x'],
        ['ads', '12000', 'y'],
      ],
    );
    expect(text).toBe('NAME   ROWS  NOTE\n日本      5  x\nads   12000  y');
  });
});
