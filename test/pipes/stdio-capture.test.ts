import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { captureStdio } from '../../src/pipes/stdio-capture.ts';
import { newFolder, testHost } from './harness.ts';

describe('captured output', () => {
  it('is sent by whole lines, characters that came in two parts included, and still printed', () => {
    const host = testHost();
    const sent: string[][] = [];
    const stop = captureStdio(host, {}, (stream, text) => void sent.push([stream, text]));
    const bytes = Buffer.from('a ü\nb');
    host.stdout.stream.write(bytes.subarray(0, 3));
    host.stdout.stream.write(bytes.subarray(3));
    host.stderr.stream.write('636f\n', 'utf8');
    stop();
    expect(sent).toEqual([
      ['stdout', 'a ü\n'],
      ['stderr', '636f\n'],
      ['stdout', 'b'],
    ]);
    expect(host.printed()).toBe('a ü\nb636f\n');
  });

  it('ends when it is stopped', () => {
    const host = testHost();
    const sent: string[] = [];
    captureStdio(host, {}, (_stream, text) => void sent.push(text))();
    host.stdout.stream.write('later\n');
    expect([sent, host.printed()]).toEqual([[], 'later\n']);
  });

  it('does not wait for the end of a very long line, nor sends it in one piece', () => {
    const host = testHost();
    const sent: string[] = [];
    const stop = captureStdio(host, {}, (_stream, text) => void sent.push(text));
    host.stdout.stream.write('x'.repeat(100_000));
    expect(sent.join('')).toHaveLength(100_000);
    expect(Math.max(...sent.map((text) => text.length))).toBeLessThan(16_384);
    stop();
  });

  it('ends with a warning if sending fails, and the program goes on printing', () => {
    const host = testHost();
    captureStdio(host, {}, () => {
      throw new Error('disk full');
    });
    host.stdout.stream.write('a\n');
    host.stdout.stream.write('b\n');
    expect(host.printed()).toBe('a\nb\n');
    expect(host.warnings).toEqual(['What the program prints is no longer sent to Dagster: Error: disk full']);
  });

  it('is copied to files where a folder for logs is named', () => {
    const host = testHost();
    const folder = join(newFolder(), 'logs', 'deep');
    const stop = captureStdio(host, { log_writer: { logs_dir: folder } }, () => undefined);
    host.stdout.stream.write('out\n');
    host.stderr.stream.write('err');
    stop();
    expect([readFileSync(join(folder, 'stdout'), 'utf8'), readFileSync(join(folder, 'stderr'), 'utf8')]).toEqual([
      'out\n',
      'err',
    ]);
  });
});
