import type { ChildProcess } from 'node:child_process';

interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
}

export type Started = ChildProcess & { readonly ended: Promise<number> };

export function run(
  program: string,
  args: readonly string[],
  options?: StartOptions & { readonly timeoutMs?: number },
): Promise<{ readonly code: number; readonly output: string }>;
export function start(program: string, args: readonly string[], options?: StartOptions): Started;
export function stop(child: ChildProcess): Promise<void>;
export function onInterrupt(action: () => unknown): () => void;
