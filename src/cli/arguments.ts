import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { nearest } from '../suggest.ts';
import type { CommandIo } from './io.ts';

/** Exit code of a command that was called wrongly, or that found the configuration wrong. */
export const exitConfigError = 2;

export interface CommandLine {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly words: readonly string[];
}

/** Parses a command's arguments; tells the user what is wrong with them, and gives null, if they cannot be parsed. */
export function parseCommandLine(
  argv: readonly string[],
  options: ParseArgsOptionsConfig,
  io: CommandIo,
  usage: string,
): CommandLine | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    return { values: values as CommandLine['values'], words: positionals }; // No option here is `multiple`, so no value is a list.
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error);
    const word = argv.find(
      (argument) => argument.startsWith('--') && !Object.hasOwn(options, argument.slice(2).split('=')[0] ?? ''),
    );
    const meant = word === undefined ? undefined : nearest(word.slice(2), [...Object.keys(options), 'help']);
    io.stderr(`${message}${meant === undefined ? '' : `. Did you mean --${meant}?`}\n\n${usage}\n`);
    return null;
  }
}
