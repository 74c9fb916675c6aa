import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeParam } from '../../src/pipes/params.ts';
import { pipesEnvironment, type WireMessage, wireContext } from './harness.ts';
import { startObjectStore } from './object-store-stand-in.ts';

const program = join(import.meta.dirname, 'case-program.ts');
const suiteProgram = join(import.meta.dirname, 'suite-program.ts');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; `act` may do something to it once it has printed or said something. */
async function run(
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
  act: (child: ReturnType<typeof spawn>) => Promise<void> = async () => undefined,
): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.stderr += text;
  });
  const closed = once(child, 'close');
  await act(child);
  const [code] = (await closed) as [number | null]; // the event's first argument
  return { code, ...texts };
}

const stdioVariables = (params: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> => ({
  DAGSTER_PIPES_CONTEXT: encodeParam({ data: wireContext() }),
  DAGSTER_PIPES_MESSAGES: encodeParam(params),
});

const isMessage = (line: string): boolean => line.startsWith('{"__dagster_pipes_version"');
const methods = (messages: readonly WireMessage[]): readonly string[] => messages.map(({ method }) => method);
const usual = ['opened', 'log', 'report_asset_materialization', 'closed'];

describe('a program that Dagster started', () => {
  it('writes its messages to the file', async () => {
    const { variables, messages } = pipesEnvironment();
    expect(await run([program, 'report'], variables)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(methods(messages())).toEqual(usual);
  });

  it('finds its params among its arguments', async () => {
    const { variables, messages } = pipesEnvironment();
    const { DAGSTER_PIPES_CONTEXT: context = '', DAGSTER_PIPES_MESSAGES: place = '' } = variables;
    const args = [program, 'report-from-arguments', '--dagster-pipes-context', context, '--dagster-pipes-messages', place];
    expect((await run(args, {})).code).toBe(0);
    expect(methods(messages())).toEqual(usual);
  });

  it.each(['stdout', 'stderr'] as const)('shares no line of %s with its messages', async (stream) => {
    const ended = await run([program, 'report-among-prints'], stdioVariables({ stdio: stream }));
    const lines = ended[stream].split('\n').slice(0, -1);
    expect(lines.filter(isMessage).map((line) => JSON.parse(line).method)).toEqual(['opened', 'log', ...usual.slice(1)]);
    expect(lines.filter((line) => !isMessage(line))).toEqual(
      stream === 'stdout' ? ['no line break', ' and more text'] : ['none here either'],
    );
  });

  it('writes buffered messages last', async () => {
    const { stdout } = await run([program, 'report-among-prints'], stdioVariables({ buffered_stdio: 'stdout' }));
    const lines = stdout.split('\n').slice(0, -1);
    expect(lines[0]).toBe('no line break and more text');
    expect(lines.slice(1).map((line) => JSON.parse(line).method)).toEqual(['opened', 'log', ...usual.slice(1)]);
  });

  it('waits for a reader that is slow, and loses nothing', async () => {
    const variables = stdioVariables({ stdio: 'stdout' });
    const { stdout, code } = await run([program, 'large-messages'], variables, async (child) => {
      child.stdout?.pause();
      await new Promise((resolve) => setTimeout(resolve, 700));
      child.stdout?.resume();
    });
    const messages = stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as WireMessage);
    expect(code).toBe(0);
    expect(methods(messages)).toEqual(['opened', 'log', 'log', 'log', 'log', 'report_custom_message', 'log', 'closed']);
    expect(messages[5]?.params.payload).toHaveLength(200_000);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('has said everything when its handler of %s exits', async (signal) => {
    const { variables, messages } = pipesEnvironment();
    const { code } = await run([program, 'signals'], variables, async (child) => {
      await expect.poll(() => messages().length, { timeout: 10_000 }).toBe(2);
      child.kill(signal);
    });
    expect(code).toBe(130);
    expect(messages().slice(2)).toMatchObject([
      { method: 'log', params: { message: `stopped by ${signal}` } },
      { method: 'closed', params: { exception: { message: `stopped by ${signal}`, name: 'Error' } } },
    ]);
  });

  it('closes with the exception and its cause when its work throws', async () => {
    const { variables, messages } = pipesEnvironment();
    expect((await run([program, 'chained-error'], variables)).code).toBe(1);
    const exception = messages().at(-1)?.params.exception;
    expect(exception).toMatchObject({ name: 'TypeError', message: 'outer', cause: { name: 'RangeError', message: 'inner' } });
    expect(exception.stack[0]).toMatch(/case-program\.ts/);
  });

  it.each(['forgets-to-close', 'forgets-to-close-s3'])('ends although it %s', async (name) => {
    const { variables } = pipesEnvironment();
    const s3 = { ...stdioVariables({ bucket: 'b', key_prefix: 'p' }), AWS_REGION: 'us-east-1' };
    const started = Date.now();
    expect((await run([program, name], name.endsWith('s3') ? s3 : variables)).code).toBe(0);
    expect(Date.now() - started).toBeLessThan(10_000);
  });

  it('lives until the last upload is done, although it does not wait for it', async () => {
    const store = await startObjectStore();
    const { code, stderr } = await run([program, 'does-not-wait-s3'], {
      ...stdioVariables({ bucket: 'b', key_prefix: 'p' }),
      AWS_ENDPOINT_URL: store.url,
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
    });
    await store.close();
    expect([code, stderr]).toEqual([0, '']);
    expect([...store.objects.keys()]).toEqual(['b/p/1.json']);
    expect(store.objects.get('b/p/1.json')?.split('\n')).toHaveLength(4);
  });

  it('also sends what it prints, if it is asked to, and still prints it', async () => {
    const { variables, messages, messagesPath } = pipesEnvironment();
    const place = encodeParam({ path: messagesPath, include_stdio_in_messages: true });
    const { stdout, stderr } = await run([program, 'prints'], { ...variables, DAGSTER_PIPES_MESSAGES: place });
    expect([stdout, stderr]).toEqual(['first line\nsecond line\nno line break at the end', 'Grüße 🚀\n']);
    const sent = messages().filter(({ method }) => method === 'log_external_stream');
    expect(sent.map(({ params }) => [params.stream, params.text])).toEqual([
      ['stdout', 'first line\nsecond line\n'],
      ['stderr', 'Grüße 🚀\n'],
      ['stdout', 'no line break at the end'],
    ]);
    expect(methods(messages()).at(-1)).toBe('closed');
  });

  it('says which params are damaged, and exits with an error', async () => {
    const { variables } = pipesEnvironment();
    const ended = await run([program, 'report'], { ...variables, DAGSTER_PIPES_MESSAGES: 'damaged' });
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain('DAGSTER_PIPES_MESSAGES cannot be decoded');
  });

  it('asks for a named writer where the params are those of a store', async () => {
    const ended = await run([program, 'report'], stdioVariables({ bucket: 'b', key_prefix: 'p' }));
    expect(ended.stderr).toContain('name the store by a message writer (s3, gcs, azure)');
  });
});

describe('a program that Dagster did not start', () => {
  it('runs with one warning and sends nothing', async () => {
    const { code, stdout, stderr } = await run([program, 'report'], {});
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr.match(/not started by Dagster Pipes/g)).toHaveLength(1);
  });
});

describe("the suite's program", () => {
  it('refuses a test it does not know', async () => {
    const { variables, messages } = pipesEnvironment();
    const ended = await run([suiteProgram, '--test-name', 'test_nothing'], variables);
    expect(ended.code).toBe(1);
    expect(messages().at(-1)?.params.exception.message).toMatch(/unknown: test_nothing/);
  });

  it('reports the error it is told to', async () => {
    const { variables, messages } = pipesEnvironment();
    expect((await run([suiteProgram, '--test-name=test_error_reporting'], variables)).code).toBe(1);
    expect(messages().at(-1)?.params.exception).toMatchObject({ message: 'Very bad error has happened!', name: 'Error' });
  });
});
