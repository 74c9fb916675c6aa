import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkCommand } from '../../src/cli/check.ts';
import { runCommand } from './command.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiktok-ads-check-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function check(text: string, ...argv: readonly string[]) {
  await writeFile(join(folder, 'defs.yaml'), text);
  return runCommand(checkCommand, ['defs.yaml', ...argv], { cwd: folder, env: { TOKEN: 'x', IDS: 'canary' } });
}

const right = `type: dagster_component_templates.TikTokAdsIngestionComponent
attributes:
  asset_name: ads
  access_token: "\${TOKEN}"
  advertiser_ids: 7123456789012345678
`;

const examples = join(import.meta.dirname, '../../defs_examples');
/** The variables that examples name, with what a user might have in them. */
const exampleEnvironment = {
  TIKTOK_ACCESS_TOKEN: 'x',
  TIKTOK_APP_ID: '1',
  TIKTOK_SECRET: 'x',
  REDSHIFT_PASSWORD: 'x',
  SNOWFLAKE_PASSWORD: 'x',
  TIKTOK_POSTGRES_URL: 'postgresql://loader:x@localhost:5432/marketing',
};

describe('tiktok-ads check', () => {
  it.each(readdirSync(examples))('finds no mistake in the example %s, whose variables are set', async (name) => {
    const checked = await runCommand(checkCommand, [name, '--resolve'], { cwd: examples, env: exampleEnvironment });
    expect(checked).toEqual({ code: 0, stdout: `✓ ${name}: 1 component, no mistakes\n`, stderr: '' });
  });

  it('passes a file without mistakes', async () => {
    expect(await check(right)).toEqual({ code: 0, stdout: '✓ defs.yaml: 1 component, no mistakes\n', stderr: '' });
  });

  it('says line, column, what is allowed and the nearest spelling of each mistake', async () => {
    const { code, stdout } = await check(`${right}  destination: duckbd
  reports:
    - name: first
      metrics:
        - spend
        - conversons
    - name: second
      advertizer: 1
`);
    expect(code).toBe(2);
    expect(stdout).toBe(`defs.yaml:6:3  destination: "duckbd" is not a destination
    did you mean duckdb?
    allowed: duckdb, snowflake, bigquery, postgres, redshift
defs.yaml:11:11  reports[0].metrics[1]: "conversons" is not a metric
    did you mean conversion?
    allowed: what \`tiktok-ads catalog\` lists
defs.yaml:13:7  reports[1].advertizer: "advertizer" is not an attribute
    allowed: name, start_date, end_date, report_type, data_level, metrics, dimensions, time_granularity

✗ defs.yaml: 3 mistakes
`);
  });

  it('puts what is missing at the attributes, and leaves other components alone', async () => {
    const { stdout } = await check(`type: other.Component
attributes: {asset_nam: 1}
---
# ours
type: dagster_component_templates.TikTokAdsIngestionComponent
attributes:
  asset_name: ads
`);
    expect(stdout.split('\n').filter((line) => line.startsWith('defs.yaml'))).toEqual([
      'defs.yaml:6:1  access_token: is required',
      'defs.yaml:6:1  advertiser_ids: is required',
    ]);
  });

  it('prints one JSON object per file with --json', async () => {
    const { stdout } = await check(`${right}  restate_days: -1\n`, '--json');
    expect(JSON.parse(stdout)).toEqual({
      file: 'defs.yaml',
      ok: false,
      components: 1,
      issues: [{ line: 6, column: 3, path: 'restate_days', message: '-1 is not a number of days', allowed: '0 to 365' }],
    });
  });

  it('reads references only with --resolve, and never shows what they hold', async () => {
    const text = right.replace('7123456789012345678', '"${IDS}"');
    expect((await check(text)).code).toBe(0);
    const { code, stdout } = await check(text, '--resolve');
    expect(code).toBe(2);
    expect(stdout).toContain('advertiser_ids[0]: what "${IDS}" stands for is not an advertiser id');
    expect(stdout).not.toContain('canary');
  });

  it.each([
    ['duckdb', '{path: a.duckdb, pth: b}', ['`pth` is no option of destination duckdb', 'did you mean path?']],
    [
      'postgres',
      '{credentials: "postgresql://u:canary@h/db?sslmod=require", lock_timout_seconds: 1}',
      ['`sslmod` is no option', 'did you mean sslmode?', 'did you mean lock_timeout_seconds?'],
    ],
    ['snowflake', '{credentials: {acount: a, user: u, password: canary, database: d}}', ['`account` is missing', 'acount`']],
    ['snowflake', '"snowflake://u:canary@a/d?authenticator=browser"', ['is none of snowflake, snowflake_jwt']],
    ['redshift', '{credentials: "mysql://u:canary@h/db"}', ['does not begin with redshift://']],
    ['bigquery', '{project: p, locaton: EU}', ['did you mean location?']],
  ])('checks the own options of %s: %s', async (destination, config, expected) => {
    const { code, stdout } = await check(`${right}  destination: ${destination}\n  destination_config: ${config}\n`);
    expect(code).toBe(2);
    for (const words of expected) expect(stdout).toContain(words);
    expect(stdout).toMatch(/^defs\.yaml:7:/);
    expect(stdout).not.toContain('canary');
  });

  it.each([
    '"${URL}"',
    '{credentials: "postgresql://u:${PASSWORD}@${HOST}:${PORT}/db", lock_timeout_seconds: "${SECONDS}", sslmode: "${MODE}"}',
  ])('takes what a destination’s reference will give for right until it is known: %s', async (config) => {
    const text = `${right}  destination: postgres\n  destination_config: ${config}\n`;
    expect((await check(text)).code).toBe(0);
    expect((await check(text.replace('sslmode', 'sslmod'))).stdout).toMatch(
      config.includes('sslmode') ? /did you mean sslmode/ : /no mistakes/,
    );
  });

  it.each([
    ['a: [1', /defs\.yaml:1:\d+ {2}yaml: /],
    ['', /the file is empty/],
    ['- 1', /defs\.yaml:1:1 {2}yaml: is not a mapping/],
    ['attributes: {asset_name: ads, mode: simulate}', /type: is required/],
    [`${right}  asset_name: twice\n`, /defs\.yaml:6:3 {2}yaml: Map keys must be unique/],
  ])('refuses YAML that holds no component: %j', async (text, expected) => {
    const { code, stdout } = await check(text);
    expect([code, expected.test(stdout), stdout]).toEqual([2, true, stdout]);
  });

  it('says that a file is missing, and checks the others', async () => {
    await writeFile(join(folder, 'right.yaml'), right);
    const { code, stdout } = await runCommand(checkCommand, ['gone.yaml', 'right.yaml'], { cwd: folder });
    expect([code, stdout]).toEqual([
      2,
      'gone.yaml  there is no such file\n\n✗ gone.yaml: 1 mistake\n✓ right.yaml: 1 component, no mistakes\n',
    ]);
  });

  it('colours only a terminal, and not against NO_COLOR', async () => {
    await writeFile(join(folder, 'defs.yaml'), right);
    const on = (env: Readonly<Record<string, string>>) =>
      runCommand(checkCommand, ['defs.yaml'], { cwd: folder, isTty: true, env });
    expect((await on({})).stdout).toContain('\u001B[32m✓');
    expect((await on({ NO_COLOR: '1' })).stdout).not.toContain('\u001B');
  });

  it('teaches with --help, and corrects a misspelt option', async () => {
    expect((await runCommand(checkCommand, ['--help'])).stdout).toContain('Examples:');
    const wrong = await runCommand(checkCommand, ['x.yaml', '--jason']);
    expect([wrong.code, wrong.stderr.split('\n')[1]]).toEqual([
      2,
      '- --jason: there is no such option of check. Did you mean --json?',
    ]);
    expect((await runCommand(checkCommand, [])).code).toBe(2);
  });
});
