import { describe, expect, it } from 'vitest';
import { catalogCommand } from '../../src/cli/catalog.ts';
import { metrics } from '../../src/tiktok/metrics.ts';
import { runCommand } from './command.ts';

interface Entry {
  readonly name: string;
  readonly role: string;
  readonly kind: string;
  readonly levels: readonly string[];
  readonly reportTypes: readonly string[];
}

async function entries(...argv: readonly string[]): Promise<readonly Entry[]> {
  const { stdout } = await runCommand(catalogCommand, [...argv, '--json']);
  return JSON.parse(stdout) as readonly Entry[]; // The command's own output.
}

describe('tiktok-ads catalog', () => {
  it('lists every metric, dimension and alias', async () => {
    const all = await entries();
    expect(all.filter(({ role }) => role === 'metric' || role === 'attribute')).toHaveLength(metrics.size);
    expect(all.find(({ name }) => name === 'country_code')?.role).toBe('dimension');
    expect(all.find(({ name }) => name === 'conversions')?.role).toBe('alias');
  });

  it('shows the name itself first, in aligned columns', async () => {
    const { stdout, code } = await runCommand(catalogCommand, ['spend']);
    const [title = '', first = ''] = stdout.split('\n');
    expect(code).toBe(0);
    expect(title).toMatch(/^NAME +IS +KIND +LEVELS +REPORTS +DESCRIPTION$/);
    expect(first).toMatch(/^spend +metric +money +all +all +\S/);
    expect(first.indexOf('metric')).toBe(title.indexOf('IS'));
  });

  it('leaves out what a level or a report type does not have', async () => {
    expect((await entries('--level', 'ad')).some(({ name }) => name === 'cash_spend')).toBe(false);
    expect((await entries('--level', 'AUCTION_ADVERTISER')).some(({ name }) => name === 'cash_spend')).toBe(true);
    const audience = await entries('--report-type', 'audience');
    expect(audience.some(({ name }) => name === 'reach')).toBe(false);
    expect(audience.every(({ reportTypes }) => reportTypes.includes('AUDIENCE'))).toBe(true);
  });

  it('names what is near if nothing matches', async () => {
    const { code, stdout, stderr } = await runCommand(catalogCommand, ['conversons']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('conversions');
  });

  it('corrects a wrong level', async () => {
    const { code, stderr } = await runCommand(catalogCommand, ['--level', 'campagn']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Did you mean AUCTION_CAMPAIGN?')]);
  });

  it('cuts descriptions to the terminal’s width', async () => {
    for (const width of [100, 130]) {
      const { stdout } = await runCommand(catalogCommand, ['conversion'], {
        isTty: true,
        env: { COLUMNS: String(width), NO_COLOR: '1' },
      });
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
      expect(stdout).toContain('…');
    }
  });

  it('teaches with --help', async () => {
    expect((await runCommand(catalogCommand, ['-h'])).stdout).toContain('tiktok-ads catalog purchase');
  });
});
