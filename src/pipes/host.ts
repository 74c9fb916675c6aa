import process from 'node:process';
import type { Writable } from 'node:stream';

/** What this module needs of the process. Everything else of it works on what it is given. */
export interface PipesHost {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Arguments after the script's name. */
  readonly argv: readonly string[];
  readonly stdout: PipesStream;
  readonly stderr: PipesStream;
  /** Tells the person who runs the program, outside of the protocol. */
  readonly warn: (message: string) => void;
}

/** A standard stream: what the program prints to, and the descriptor below it. */
export interface PipesStream {
  readonly stream: Writable;
  readonly fd: number;
}

/** The process this module runs in. */
export function currentHost(): PipesHost {
  return {
    environment: process.env,
    argv: process.argv.slice(2),
    stdout: { stream: process.stdout, fd: 1 },
    stderr: { stream: process.stderr, fd: 2 },
    warn: (message) => process.emitWarning(message, 'DagsterPipesWarning'),
  };
}
