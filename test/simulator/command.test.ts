import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simulateCommand } from '../../src/cli/simulate.ts';
import { systemClock } from '../../src/clock.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'simulate-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** Runs the command until it has printed something, then looks, then ends it. */
async function run(
  argv: readonly string[],
  look: (stdout: string) => Promise<void> = async () => undefined,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const controller = new AbortController();
  const written = { stdout: '', stderr: '' };
  const code = await new Promise<number>((resolve, reject) => {
    const io = {
      stdout: (text: string) => {
        written.stdout += text;
        look(text).then(() => controller.abort(), reject);
      },
      stderr: (text: string) => {
        written.stderr += text;
      },
      env: {},
      cwd: directory,
      isTty: false,
      columns: null,
      errorColumns: null,
    };
    const environment = { ...unused, clock: systemClock, signal: controller.signal, directory };
    simulateCommand(argv, io, () => environment).then(resolve, reject);
  });
  return { code, ...written };
}

/** What the command has no use for. */
const unused = {
  random: () => 0,
  temporaryDirectory: '',
  stateDirectory: '',
  processId: 0,
  isAlive: () => false,
  requestTimeoutMs: 0,
  memoryLimitMb: 0,
};

describe('tiktok-ads simulate', () => {
  test('serves until it is interrupted and says how to use it', async () => {
    const { code, stdout } = await run(['--advertisers', '1234567890,9876543210'], async (text) => {
      const [url = ''] = text.split('\n');
      const answer = await fetch(`${url}campaign/get/?advertiser_id=9876543210`, {
        headers: { 'Access-Token': 'simulated-access-token' },
      });
      expect(await answer.json()).toMatchObject({ code: 0 });
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/open_api\/v1\.3\/\n/);
    expect(stdout).toContain('advertiser_ids: "1234567890,9876543210"');
    expect(stdout).toMatch(/TIKTOK_ADS_API_BASE_URL=http/);
    const [url = ''] = stdout.split('\n');
    await expect(fetch(url)).rejects.toThrow();
  });

  test('prints one JSON object with --json', async () => {
    const { stdout } = await run(['--advertisers', '2', '--seed', '7', '--json', '--access-token', 'mine']);
    const printed: unknown = JSON.parse(stdout);
    expect(printed).toMatchObject({
      seed: 7,
      access_token: 'mine',
      advertiser_ids: [expect.stringMatching(/^\d{19}$/), expect.stringMatching(/^\d{19}$/)],
    });
  });

  test('takes faults and options from files', async () => {
    await writeFile(join(directory, 'faults.json'), '[{"effect":{"kind":"code","code":60001}}]');
    await writeFile(join(directory, 'options.json'), '{"advertisers":["55"],"seed":3}');
    await run(['--options', 'options.json', '--faults', 'faults.json', '--json'], async (text) => {
      const printed = JSON.parse(text) as { url: string; advertiser_ids: string[]; seed: number };
      expect(printed).toMatchObject({ advertiser_ids: ['55'], seed: 3 });
      const answer = await fetch(`${printed.url}campaign/get/?advertiser_id=55`, {
        headers: { 'Access-Token': 'simulated-access-token' },
      });
      expect(await answer.json()).toMatchObject({ code: 60001 });
    });
  });

  test.each([
    [['--port', 'x'], /port/],
    [['--faults', 'missing.json'], /missing\.json could not be read/],
    [['--sed', '1'], /Did you mean --seed/],
  ])('%j is refused with a reason', async (argv, text) => {
    const { code, stdout, stderr } = await run(argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(text);
  });
});
