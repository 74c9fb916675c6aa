import { describe, expect, it, onTestFinished } from 'vitest';
import { createProgressLine, progressText } from '../../src/cli/progress-line.ts';
import { runLoadCommand } from '../../src/cli/run.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { commandBench, defsYaml } from '../support/commands.ts';

const wipe = '\r\u001B[2K';
const status = { callsMade: 300, callsPlanned: 1200, records: 80_123 };

/** A line on a terminal of so many columns, and a clock that the test moves on. */
function bench({ columns = 100, env = {} }: { columns?: number | null; env?: Readonly<Record<string, string>> } = {}) {
  const written: string[] = [];
  let time = 0;
  let wake = (): void => undefined;
  const now = { ...status };
  const line = createProgressLine({
    io: {
      env: { NO_COLOR: '1', ...env },
      stderr: (text) => void written.push(text),
      errorColumns: columns === null ? null : () => columns,
    },
    clock: {
      now: () => time,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          wake = () => {
            time += ms;
            resolve();
          };
        }),
    },
  });
  const pass = async (seconds: number, calls: number): Promise<void> => {
    for (let step = 0; step < seconds * 4; step += 1) {
      now.callsMade += calls / (seconds * 4);
      wake();
      await Promise.resolve().then(() => undefined);
    }
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { line, written, pass, now };
}

describe('the progress line', () => {
  it('shows calls made and planned, rows, rate and time left, some times a second', async () => {
    const b = bench();
    b.line.follow(() => b.now);
    for (let quarter = 0; quarter < 4; quarter += 1) await b.pass(0.25, 5);
    expect(b.written).toHaveLength(5);
    expect(b.written.at(-1)).toBe(
      `${wipe}${'█'.repeat(6)}${'░'.repeat(18)}  26 % · 320/1,200 calls · 80,123 rows · 20.0 calls/s · 44 s left`,
    );
    b.line.close();
  });

  it('gives way to a message and comes back below it, and leaves nothing behind', () => {
    const b = bench();
    b.line.say('before');
    b.line.follow(() => status);
    b.line.say('meanwhile');
    b.line.close();
    b.line.say('after');
    const [shown] = b.written.filter((text) => text.includes('calls'));
    expect(b.written).toEqual(['before\n', shown, `${wipe}meanwhile\n`, shown, wipe, 'after\n']);
    expect(shown?.startsWith(wipe)).toBe(true);
  });

  it.each([
    ['standard error is no terminal', { columns: null }],
    ['the environment has CI', { env: { CI: 'true' } }],
    ['the terminal is dumb', { env: { TERM: 'dumb' } }],
  ])('shows nothing where %s', (_, given) => {
    const b = bench(given);
    b.line.follow(() => status);
    b.line.say('message');
    b.line.close();
    expect(b.written).toEqual(['message\n']);
  });

  it.each([20, 39, 60, 79, 200])('is never longer than %d characters', (width) => {
    const text = progressText({ callsMade: 99_999, callsPlanned: 130_000, records: 1_234_567_890 }, 9.8, width);
    expect(text.length).toBeLessThanOrEqual(width);
    expect(text).toContain('76 %');
  });

  it.each([
    [600, '1 min 0 s left'],
    [72_000, '2 h 0 min left'],
    [0, '100 % · 100/100 calls · 5 rows · 10.0 calls/s'],
  ])('tells how long %d calls take', (left, words) => {
    expect(progressText({ callsMade: 100, callsPlanned: 100 + left, records: 5 }, 10, 120)).toMatch(new RegExp(`${words}$`));
  });
});

describe('tiktok-ads run on a terminal', () => {
  it('shows a line that ends at all calls, and standard output as without a terminal', async () => {
    const simulator = await startSimulator({ advertisers: ['71', '72'], quota: false, campaigns: 3, latencyMs: 20 });
    onTestFinished(() => simulator.close());
    const b = commandBench();
    b.write(
      'defs.yaml',
      defsYaml(
        'advertiser_ids: "71,72"',
        'resources: advertisers,campaigns,ads,reports',
        'requests_per_second: 1000',
        'requests_per_minute: 60000',
      ),
    );
    const env = { TOKEN: 'simulated-access-token', TIKTOK_ADS_API_BASE_URL: simulator.url, NO_COLOR: '1' };
    const statuses: string[] = [];
    const argv = ['defs.yaml', '--start', '2025-01-01', '--end', '2025-12-31'];
    const { code, stdout, stderr } = await b.run(
      (given, io, environment) =>
        runLoadCommand(
          given,
          {
            ...io,
            stderr: (text) => {
              statuses.push(text);
              io.stderr(text);
            },
            errorColumns: () => 120,
          },
          environment,
        ),
      argv,
      env,
    );
    expect(code).toBe(0);
    const last = [...stderr.matchAll(/([\d,]+)\/([\d,]+) calls/g)].at(-1);
    expect(last?.[1]).toBe(last?.[2]);
    expect(last?.[1]).toBe(simulator.stats().calls.toLocaleString('en-US'));
    expect(statuses.at(-1)).toBe(wipe);
    // What stays on the screen: whole lines only.
    const kept = stderr.split('\n').map((one) => one.slice(one.lastIndexOf(wipe) + (one.includes(wipe) ? wipe.length : 0)));
    expect(kept.filter((one) => one.includes('calls/s'))).toEqual([]);
    expect(stdout).not.toContain('\u001B');
  });
});
