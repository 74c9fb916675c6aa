import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { PipesHost } from './host.ts';
import { isRecord } from './json.ts';
import type { PipesParams } from './params.ts';
import { tap } from './tap.ts';
import { splitText } from './text.ts';

export type PipesStdioName = 'stdout' | 'stderr';

/** Text held until its line ends; a longer line is sent in pieces. */
const heldCharactersMax = 8192;

/**
 * Also sends what the program prints, line by line, in pieces that fit a message; the program's own output goes on as before.
 * With `log_writer.logs_dir` in the params it is copied to files named `stdout` and `stderr` there as well.
 * If sending fails the capture ends with a warning: printing must never break the program.
 * Returns what ends the capture and sends what is left.
 */
export function captureStdio(
  host: PipesHost,
  params: PipesParams,
  send: (stream: PipesStdioName, text: string) => void,
): () => void {
  const folder = logsFolder(params);
  const stops = (['stdout', 'stderr'] as const).map((name) => {
    const decoder = new StringDecoder('utf8');
    let held = '';
    let sending = false;
    const forward = (text: string): void => {
      if (text === '' || sending) return;
      sending = true;
      try {
        for (const piece of splitText(text)) send(name, piece);
        if (folder !== undefined) appendFileSync(join(folder, name), text);
      } catch (error) {
        stop();
        host.warn(`What the program prints is no longer sent to Dagster: ${String(error)}`);
      } finally {
        sending = false;
      }
    };
    const stop = tap(host[name].stream, (chunk) => {
      held += decoder.write(Buffer.from(chunk));
      const end = held.length > heldCharactersMax ? held.length : held.lastIndexOf('\n') + 1;
      const complete = held.slice(0, end);
      held = held.slice(end);
      forward(complete);
    });
    return () => {
      stop();
      forward(held + decoder.end());
    };
  });
  return () => {
    for (const stop of stops) stop();
  };
}

function logsFolder(params: PipesParams): string | undefined {
  const settings = params['log_writer'];
  if (!isRecord(settings) || typeof settings['logs_dir'] !== 'string') return undefined;
  mkdirSync(settings['logs_dir'], { recursive: true });
  return settings['logs_dir'];
}
