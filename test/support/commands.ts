import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandIo } from '../../src/cli/io.ts';
import { systemClock } from '../../src/clock.ts';
import type { RunEnvironment } from '../../src/run.ts';
import { temporaryFolder } from './folders.ts';

export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type RunnableCommand = (argv: readonly string[], io: CommandIo, environment: () => RunEnvironment) => Promise<number>;

export interface CommandBench {
  readonly folder: string;
  readonly write: (name: string, text: string) => void;
  readonly run: (
    command: RunnableCommand,
    argv: readonly string[],
    env?: CommandIo['env'],
    signal?: AbortSignal,
  ) => Promise<CommandRun>;
}

/** A folder in which commands run with their output kept; waits are real, nothing of the machine's own settings is seen. */
export function commandBench(): CommandBench {
  const folder = temporaryFolder('command');
  return {
    folder,
    write: (name, text) => writeFileSync(join(folder, name), text),
    run: async (command, argv, env = {}, signal = new AbortController().signal) => {
      const written = { stdout: '', stderr: '' };
      const io: CommandIo = {
        stdout: (text) => {
          written.stdout += text;
        },
        stderr: (text) => {
          written.stderr += text;
        },
        env,
        cwd: folder,
        isTty: false,
        columns: null,
        errorColumns: null,
      };
      const environment = (): RunEnvironment => ({
        clock: systemClock,
        random: () => 0.5,
        signal,
        directory: folder,
        temporaryDirectory: join(folder, 'temporary'),
        stateDirectory: join(folder, 'state'),
        processId: process.pid,
        isAlive: () => true,
        requestTimeoutMs: 10_000,
        memoryLimitMb: 128,
      });
      return { code: await command(argv, io, environment), ...written };
    },
  };
}

/** A component's YAML with these lines among its attributes. */
export function defsYaml(...attributes: readonly string[]): string {
  const own = ['asset_name: ads', 'access_token: "${TOKEN}"', ...attributes].map((line) => `  ${line}\n`).join('');
  return `type: dagster_component_templates.TikTokAdsIngestionComponent\nattributes:\n${own}`;
}
