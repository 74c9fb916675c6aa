import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
// @ts-expect-error A script without types; it runs on Node versions that know no TypeScript.
import { emulatorHome, emulatorPython, installEmulator } from '../../../scripts/emulators.mjs';

export interface EmulatorProcess {
  readonly stop: () => Promise<void>;
}

/** Installs an emulator if need be, starts it by its own Python, and resolves when it listens. */
export async function startEmulator(name: string, args: readonly string[], port: number): Promise<EmulatorProcess> {
  await installEmulator(name);
  const environment = { PATH: process.env['PATH'], HOME: emulatorHome(name), PYTHONUNBUFFERED: '1' };
  const child = spawn(emulatorPython(name), [...args], { stdio: ['ignore', 'ignore', 'pipe'], env: environment });
  // A test whose set-up failed stops nothing.
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  let said = '';
  child.stderr.on('data', (bytes) => {
    said = (said + String(bytes)).slice(-4000);
  });
  try {
    await listening(child, port);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`the ${name} emulator did not start: ${said}`, { cause: error });
  }
  return {
    stop: async () => {
      process.off('exit', end);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < 60_000; waitedMs += 50) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (open) return;
    await sleep(50);
  }
  throw new Error('nothing listens after 60 s');
}
