import { azure } from './channels/azure.ts';
import type { BlobStore } from './channels/blob-store.ts';
import type { ChannelKind, ChannelSettings, PipesMessageChannel } from './channels/channel.ts';
import { directory } from './channels/directory.ts';
import { gcs } from './channels/gcs.ts';
import { channels } from './channels/index.ts';
import { keysOf } from './channels/params.ts';
import { s3 } from './channels/s3.ts';
import { dbfsMount, dbfsPath } from './context-loader.ts';
import { DagsterPipesError } from './errors.ts';
import { currentHost } from './host.ts';
import type { PipesParams } from './params.ts';
import type { PipesExtras } from './protocol.ts';

/** Opens the channel that messages go through. */
export abstract class PipesMessageWriter {
  /** Throws DagsterPipesError if the params are not for this writer or the place cannot be written to. */
  abstract open(params: PipesParams): PipesMessageChannel;

  /** What the other side gets to know about this process in the first message. */
  getOpenedExtras(): PipesExtras {
    return {};
  }
}

export interface PipesWriterOptions {
  /** Where a blob writer uploads to; by default what the environment names. */
  readonly store?: BlobStore;
  /** The least time between two uploads, by default 15 s; Dagster's reader cannot keep up with less. */
  readonly chunkIntervalMs?: number;
}

/** The channel that the params themselves tell: file, directory, stdio, buffered stdio. */
export class PipesDefaultMessageWriter extends PipesMessageWriter {
  readonly #settings: ChannelSettings;

  constructor(options: PipesWriterOptions = {}) {
    super();
    this.#settings = { host: currentHost(), ...options };
  }

  override open(params: PipesParams): PipesMessageChannel {
    const kind = channels.find((each) => each.chosenBy === 'params' && each.accepts(params));
    if (kind !== undefined) return kind.open(params, this.#settings);
    const named = channels.filter((each) => each.accepts(params)).map((each) => each.name);
    const hint = named.length === 0 ? '' : `; name the store by a message writer (${named.join(', ')})`;
    throw new DagsterPipesError(`Pipes messages have no known place: the params have ${keysOf(params)}${hint}`);
  }
}

/** One kind of channel, whatever others the params could be for. */
export class PipesChannelMessageWriter extends PipesMessageWriter {
  readonly #kind: ChannelKind;
  readonly #settings: ChannelSettings;

  constructor(kind: ChannelKind, options: PipesWriterOptions = {}) {
    super();
    this.#kind = kind;
    this.#settings = { host: currentHost(), ...options };
  }

  override open(params: PipesParams): PipesMessageChannel {
    return this.#kind.open(params, this.#settings);
  }
}

/** Chunks in S3, by default as the AWS_* variables say. */
export class PipesS3MessageWriter extends PipesChannelMessageWriter {
  constructor(options: PipesWriterOptions = {}) {
    super(s3, options);
  }
}

/** Chunks in Google Cloud Storage, by default with the machine's service account. */
export class PipesGCSMessageWriter extends PipesChannelMessageWriter {
  constructor(options: PipesWriterOptions = {}) {
    super(gcs, options);
  }
}

/** Chunks in Azure Blob Storage, by default as AZURE_STORAGE_CONNECTION_STRING says. */
export class PipesAzureBlobStorageMessageWriter extends PipesChannelMessageWriter {
  constructor(options: PipesWriterOptions = {}) {
    super(azure, options);
  }
}

/** Chunks in a directory of a Databricks Unity Catalog volume. */
export class PipesUnityCatalogVolumesMessageWriter extends PipesChannelMessageWriter {
  constructor(options: PipesWriterOptions = {}) {
    super(directory, options);
  }
}

/** Chunks in a directory on DBFS, which Databricks mounts at `/dbfs`. */
export class PipesDbfsMessageWriter extends PipesChannelMessageWriter {
  readonly #mount: string;

  constructor(options: PipesWriterOptions & { readonly mount?: string } = {}) {
    const { mount, ...rest } = options;
    super(directory, rest);
    this.#mount = mount ?? dbfsMount;
  }

  override open(params: PipesParams): PipesMessageChannel {
    return super.open({ ...params, path: dbfsPath(params, this.#mount) });
  }
}
