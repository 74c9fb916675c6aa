import type { CommandIo } from '../../src/cli/io.ts';

/** Runs a command with its output kept. */
export async function runCommand(
  command: (argv: readonly string[], io: CommandIo) => Promise<number>,
  argv: readonly string[],
  given: Partial<CommandIo> = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const io: CommandIo = {
    stdout: (text) => {
      written.stdout += text;
    },
    stderr: (text) => {
      written.stderr += text;
    },
    env: {},
    cwd: import.meta.dirname,
    isTty: false,
    columns: null,
    errorColumns: null,
    ...given,
  };
  const code = await command(argv, io);
  return { code, ...written };
}
