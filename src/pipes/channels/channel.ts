import type { PipesHost } from '../host.ts';
import type { PipesParams } from '../params.ts';
import type { BlobStore } from './blob-store.ts';

/** Where message lines go. Lines arrive in the order of `write`, each once and whole. */
export interface PipesMessageChannel {
  /** True if it occupies stdout or stderr, so that what the program prints cannot be sent as messages as well. */
  readonly usesStdio?: boolean;
  /** Hands over one line, without line break. Throws DagsterPipesError if it cannot be written, or after `close`. */
  write(line: string): void;
  /**
   * Ends the channel; a second call does nothing. Channels on this machine have delivered everything when it returns; one that uploads returns a
   * promise of it, which rejects with DagsterPipesError if something could not be delivered.
   */
  close(): void | Promise<void>;
}

export interface ChannelSettings {
  readonly host: PipesHost;
  /** The least time between two uploads of a channel that uploads. Below 15 s the stock reader can lose the last ones. */
  readonly chunkIntervalMs?: number;
  /** Where a blob channel uploads to; by default what the environment names. */
  readonly store?: BlobStore;
}

/** One way messages can go. */
export interface ChannelKind {
  readonly name: string;
  /** `program`: the params of several kinds look alike, so the program has to name this one. */
  readonly chosenBy: 'params' | 'program';
  /** Whether these message params are for this kind. */
  readonly accepts: (params: PipesParams) => boolean;
  /** Throws DagsterPipesError if params lack something or the place cannot be written to. */
  readonly open: (params: PipesParams, settings: ChannelSettings) => PipesMessageChannel;
}
