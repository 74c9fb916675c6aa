import type { PipesLogLevel } from './protocol.ts';

/** Logs to Dagster, one method per level. */
export class PipesLogger {
  readonly #log: (level: PipesLogLevel, message: string) => void;

  constructor(log: (level: PipesLogLevel, message: string) => void) {
    this.#log = log;
  }

  debug(message: string): void {
    this.#log('DEBUG', message);
  }

  info(message: string): void {
    this.#log('INFO', message);
  }

  warning(message: string): void {
    this.#log('WARNING', message);
  }

  error(message: string): void {
    this.#log('ERROR', message);
  }

  critical(message: string): void {
    this.#log('CRITICAL', message);
  }
}
