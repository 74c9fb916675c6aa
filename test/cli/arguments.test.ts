import { describe, expect, it } from 'vitest';
import { type CommandLine, parseCommandLine } from '../../src/cli/arguments.ts';
import { type CommandPage, sharedOptions } from '../../src/cli/page.ts';
import { runCommand } from './command.ts';

const page = {
  name: 'try',
  about: 'Tries things.',
  words: 'file',
  synopsis: '[options]',
  options: {
    config: sharedOptions.config,
    start: sharedOptions.start,
    end: sharedOptions.end,
    many: { kind: 'count', value: 'N', most: 20, default: '3', description: 'how many' },
    level: {
      kind: 'choice',
      value: 'LEVEL',
      allowed: ['AUCTION_AD', 'AUCTION_CAMPAIGN'],
      prefix: 'AUCTION_',
      default: 'all',
      description: 'which level',
    },
    out: { kind: 'text', value: 'FILE', default: null, required: true, description: 'where to' },
    json: sharedOptions.json,
  },
  examples: [{ line: 'tiktok-ads try defs.yaml', does: 'tries it' }],
  exits: { 0: 'tried' },
} as const satisfies CommandPage;

type Parsed = CommandLine<keyof typeof page.options> | number;

async function parse(
  ...argv: readonly string[]
): Promise<{ readonly parsed: Parsed; readonly said: string; readonly json: string }> {
  let parsed: Parsed = -1;
  const { stdout, stderr } = await runCommand(async (given, io) => {
    parsed = parseCommandLine(page, given, io);
    return 0;
  }, argv);
  return { parsed, said: stderr, json: stdout };
}

async function right(...argv: readonly string[]): Promise<CommandLine<keyof typeof page.options>> {
  const { parsed, said } = await parse(...argv);
  if (typeof parsed === 'number') throw new Error(said);
  return parsed;
}

describe('the command line', () => {
  it('takes values after a space or an equals sign, switches and words in any order', async () => {
    const line = await right('--out', 'a b', 'defs.yaml', '--start=2026-01-31', '--json', '--many', '7');
    expect([line.file, line.text('out'), line.text('start'), line.count('many'), line.has('json'), line.text('end')]).toEqual([
      'defs.yaml',
      'a b',
      '2026-01-31',
      7,
      true,
      undefined,
    ]);
  });

  it('takes everything after -- as words', async () => {
    expect((await right('--out', 'x', '--', '--odd.yaml')).file).toBe('--odd.yaml');
  });

  it.each(['ad', 'AD', 'AUCTION_AD', 'auction-ad'])('takes the choice %s', async (value) => {
    expect((await right('a.yaml', '--out', 'x', '--level', value)).text('level')).toBe('AUCTION_AD');
  });

  it('tells every mistake at once, each with what is allowed and the nearest spelling', async () => {
    const argv = [
      'a.yaml',
      'b.yaml',
      '--strat',
      '2026-01-01',
      '--end',
      '2026-02-30',
      '--level',
      'campagn',
      '--many',
      '21',
      '-json',
    ];
    const { parsed, said } = await parse(...argv);
    expect(parsed).toBe(2);
    expect(said).toBe(`The command line has 7 mistakes:
- --strat: there is no such option of try. Did you mean --start?
- --end: "2026-02-30" is not a date. Allowed: YYYY-MM-DD.
- --level: "campagn" is not allowed. Did you mean AUCTION_CAMPAIGN? Allowed: AUCTION_AD, AUCTION_CAMPAIGN.
- --many: "21" is not such a number. Allowed: a whole number from 0 to 20.
- -json: there is no such option of try. Did you mean --json?
- FILE: one file is taken, and 2 are given: a.yaml, b.yaml.
- --out: is missing: where to.

Usage: tiktok-ads try FILE [options]
\`tiktok-ads try --help\` explains every option.
`);
  });

  it('tells mistakes as one JSON object where JSON is asked for', async () => {
    const { said, json } = await parse('--json', '--lev', 'ad', '--end', '2026-13-01');
    expect(said).toBe('');
    expect(JSON.parse(json).error.issues.map((one: { path: string; suggestion?: string }) => [one.path, one.suggestion])).toEqual(
      [
        ['--lev', '--level'],
        ['--end', undefined],
        ['FILE', undefined],
        ['--out', undefined],
      ],
    );
  });

  it.each([
    [['--out'], '--out: a value is missing'],
    [['--out', '--json'], '--out: a value is missing'],
    [['--out='], '--out: a value is missing'],
    [['--out', 'x', '--many', '-3'], '--many: "-3" is not such a number'],
    [['--out', 'x', '--json=yes'], '--json: takes no value'],
    [['--out', 'x', '--out', 'y'], '--out: is given twice, with different values'],
  ])('refuses %j', async (argv, words) => {
    const { parsed, said } = await parse(
      'a.yaml',
      ...argv.filter((one) => one !== '--json'),
      ...argv.filter((one) => one === '--json'),
    );
    expect(parsed).toBe(2);
    expect(said + (await parse('a.yaml', ...argv)).json).toContain(words);
  });

  it('knows an option named like something every object has as unknown', async () => {
    expect((await parse('a.yaml', '--out', 'x', '--constructor')).said).toContain('--constructor: there is no such option');
  });

  it('shows defaults and allowed values with --help, whatever else is wrong', async () => {
    const { parsed, json } = await parse('--wrong', '--help');
    expect(parsed).toBe(0);
    expect(json).toContain('--level LEVEL  which level; allowed: AUCTION_AD, AUCTION_CAMPAIGN; default: all\n');
    expect(json).toContain('--out FILE     where to; required\n');
    expect(Math.max(...json.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});
