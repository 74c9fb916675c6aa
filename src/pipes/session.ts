import type { PipesMessageChannel } from './channels/channel.ts';
import type { PipesContextData, PipesDataProvenance, PipesPartitionKeyRange, PipesTimeWindow } from './context.ts';
import { DagsterPipesError } from './errors.ts';
import { toPipesException } from './exception.ts';
import { PipesLogger } from './logger.ts';
import type { PipesMetadataInput } from './metadata.ts';
import { encodeMessage, type PipesAssetCheckSeverity, type PipesExtras, type PipesMessage } from './protocol.ts';
import { splitText } from './text.ts';

/** What a session works with. */
export interface PipesSessionParts {
  readonly context: PipesContextData;
  readonly channel: PipesMessageChannel;
  /** Sent in the first message. */
  readonly openedExtras: PipesExtras;
  /** Starts to send what the program prints, with `send`; returns what ends it. */
  readonly capture?: (send: (stream: 'stdout' | 'stderr', text: string) => void) => () => void;
}

/**
 * One process's session with Dagster: what the step is about, and the ways to report. Made by `openDagsterPipes`.
 *
 * Every method that reports throws DagsterPipesError after `close`, and for what Dagster's reader could not read; nothing is written then.
 * In a process that Dagster did not start every call does nothing, and what is read is empty.
 */
export class PipesContext {
  static #current: PipesContext | undefined;

  /** Whether a session was opened in this process. */
  static isInitialized(): boolean {
    return PipesContext.#current !== undefined;
  }

  /** This process's session. Throws DagsterPipesError if none was opened. */
  static get(): PipesContext {
    if (PipesContext.#current === undefined) {
      throw new DagsterPipesError('No Pipes session: call openDagsterPipes() first');
    }
    return PipesContext.#current;
  }

  /** Replaces this process's session; undefined forgets it, as tests need. */
  static set(context: PipesContext | undefined): void {
    PipesContext.#current = context;
  }

  /** Logs to Dagster. Each message is an event in Dagster's database: use it for milestones, and stderr for progress. */
  readonly logger: PipesLogger;
  readonly #parts: PipesSessionParts | null;
  readonly #data: PipesContextData;
  readonly #materialized = new Set<string>();
  readonly #checked = new Set<string>();
  readonly #stopCapture: () => void;
  #isClosed = false;
  #delivered: Promise<void> = Promise.resolve();

  /** Sends `opened`. Null parts make a session that does nothing. */
  constructor(parts: PipesSessionParts | null) {
    this.#parts = parts;
    this.#data = parts?.context ?? nothing;
    this.logger = new PipesLogger((level, message) => this.log(message, level));
    this.#send({ method: 'opened', params: { extras: parts?.openedExtras ?? {} } });
    this.#stopCapture = parts?.capture?.((stream, text) => this.logExternalStream(stream, text)) ?? (() => undefined);
  }

  /** Whether Dagster started this process. */
  get isDagsterPipesProcess(): boolean {
    return this.#parts !== null;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether the step materializes assets or checks them. */
  get isAssetStep(): boolean {
    return this.#data.assetKeys !== null;
  }

  /** The asset key in escaped form. Throws DagsterPipesError unless the step has exactly one asset. */
  get assetKey(): string {
    return this.#single('assetKey');
  }

  /** The asset keys in escaped form; empty in a run of checks alone. Throws DagsterPipesError in an op without assets. */
  get assetKeys(): readonly string[] {
    return this.#ofAssets(this.#data.assetKeys, 'assetKeys', []);
  }

  /** What the asset's last materialization was made from, or null. Throws DagsterPipesError unless the step has exactly one asset. */
  get provenance(): PipesDataProvenance | null {
    return this.provenanceByAssetKey[this.#single('provenance')] ?? null;
  }

  get provenanceByAssetKey(): Readonly<Record<string, PipesDataProvenance | null>> {
    return this.#ofAssets(this.#data.provenanceByAssetKey, 'provenanceByAssetKey', {});
  }

  /** The asset's code version, or null. Throws DagsterPipesError unless the step has exactly one asset. */
  get codeVersion(): string | null {
    return this.codeVersionByAssetKey[this.#single('codeVersion')] ?? null;
  }

  get codeVersionByAssetKey(): Readonly<Record<string, string | null>> {
    return this.#ofAssets(this.#data.codeVersionByAssetKey, 'codeVersionByAssetKey', {});
  }

  /** Whether Dagster named partitions. It does not in runs over a range: what they need has to be in the extras. */
  get isPartitionStep(): boolean {
    return this.#data.partitionKeyRange !== null || this.#data.partitionKey !== null;
  }

  /** Throws DagsterPipesError unless the step has one partition. */
  get partitionKey(): string {
    return this.#ofPartition(this.#data.partitionKey, 'partitionKey', '');
  }

  /** Throws DagsterPipesError if the step has no partition. */
  get partitionKeyRange(): PipesPartitionKeyRange {
    const key = this.#data.partitionKey;
    const ownRange = key === null ? null : { start: key, end: key };
    return this.#ofPartition(this.#data.partitionKeyRange ?? ownRange, 'partitionKeyRange', { start: '', end: '' });
  }

  /** Null for static and dynamic partitions. Throws DagsterPipesError if the step has no partition. */
  get partitionTimeWindow(): PipesTimeWindow | null {
    if (this.#parts !== null && !this.isPartitionStep) throw undefinedHere('partitionTimeWindow', 'has no partition');
    return this.#data.partitionTimeWindow;
  }

  get runID(): string {
    return this.#data.runID;
  }

  get jobName(): string | null {
    return this.#data.jobName;
  }

  /** 0 in the first attempt. */
  get retryNumber(): number {
    return this.#data.retryNumber;
  }

  /** What the Python side passed. Integers beyond 2^53 are `bigint`. */
  get extras(): PipesExtras {
    return this.#data.extras;
  }

  /** One of the extras. Throws DagsterPipesError if it was not passed. */
  getExtra(key: string): unknown {
    if (this.#parts !== null && !Object.hasOwn(this.extras, key)) {
      throw new DagsterPipesError(
        `The extra \`${key}\` was not passed; there are ${Object.keys(this.extras).join(', ') || 'none'}`,
      );
    }
    return this.extras[key];
  }

  /** Logs to Dagster at DEBUG, INFO, WARNING, ERROR or CRITICAL (any case). Text over 16 KB is cut. */
  log(message: string, level = 'INFO'): void {
    this.#send({ method: 'log', params: { message, level } });
  }

  /**
   * Reports the asset as materialized, once per asset and step.
   * @param metadata Typed values (see `PipesMetadata`) or bare ones by label.
   * @param assetKey In escaped form; may be left out where the step has one asset.
   */
  reportAssetMaterialization(
    metadata: PipesMetadataInput | null = null,
    dataVersion: string | null = null,
    assetKey: string | null = null,
  ): void {
    const key = this.#targetKey(assetKey, 'reportAssetMaterialization');
    if (this.#data.assetKeys?.length === 0) {
      throw new DagsterPipesError(`This step only runs checks: ${key} cannot be materialized in it`);
    }
    if (this.#materialized.has(key)) throw new DagsterPipesError(`${key} has already been reported as materialized in this step`);
    const params = { asset_key: key, metadata: metadata ?? null, data_version: dataVersion ?? null };
    if (this.#send({ method: 'report_asset_materialization', params })) this.#materialized.add(key);
  }

  /**
   * Reports the outcome of an asset check, once per check and step.
   * @param severity What a failed check means to Dagster: WARN, or ERROR, which blocks downstream assets if the check is blocking.
   * @param assetKey In escaped form; may be left out where the step has one asset.
   */
  reportAssetCheck(
    checkName: string,
    passed: boolean,
    severity: PipesAssetCheckSeverity = 'ERROR',
    metadata: PipesMetadataInput | null = null,
    assetKey: string | null = null,
  ): void {
    const key = this.#targetKey(assetKey, 'reportAssetCheck');
    const identity = JSON.stringify([key, checkName]);
    if (this.#checked.has(identity)) {
      throw new DagsterPipesError(`The check ${checkName} of ${key} has already been reported in this step`);
    }
    const params = { asset_key: key, check_name: checkName, passed, severity, metadata: metadata ?? null };
    if (this.#send({ method: 'report_asset_check', params })) this.#checked.add(identity);
  }

  /** Sends any JSON to the Python side, which reads it with `get_custom_messages()`. */
  reportCustomMessage(payload: unknown): void {
    if (payload === undefined) throw new DagsterPipesError('A custom message needs a payload; send null for none');
    this.#send({ method: 'report_custom_message', params: { payload } });
  }

  /** Sends text for Dagster to print on the step's stdout or stderr, in as many messages as it takes. */
  logExternalStream(stream: 'stdout' | 'stderr', text: string): void {
    for (const piece of typeof text === 'string' ? splitText(text) : [text]) {
      this.#send({ method: 'log_external_stream', params: { stream, text: piece, extras: {} } });
    }
  }

  /**
   * Ends the session; further calls do nothing. With anything thrown as argument Dagster shows it, causes included, as the step's error event
   * (only the exit code fails the step). May be called from signal and exit handlers: file, directory and stdio channels have written all when it
   * returns. Channels that upload have begun the last upload then: `await delivered()` before `process.exit`.
   */
  close(exception?: unknown): void {
    if (this.#isClosed) return;
    this.#stopCapture();
    const failed = exception !== undefined && exception !== null;
    try {
      this.#send({ method: 'closed', params: failed ? { exception: toPipesException(exception) } : {} });
    } finally {
      this.#isClosed = true;
      this.#delivered = Promise.resolve(this.#parts?.channel.close());
      // Who does not ask is told by the channel's own warning; who asks gets the rejection.
      this.#delivered.catch(() => undefined);
    }
  }

  /** Resolves once everything is delivered after `close`; rejects with DagsterPipesError if the last upload failed for good. */
  async delivered(): Promise<void> {
    await this.#delivered;
  }

  /** Closes without an exception, as JavaScript does not pass one on: where errors have to be shown use `withDagsterPipes`. */
  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#delivered;
  }

  /** Whether the message was written: not in a session that does nothing. */
  #send(message: PipesMessage): boolean {
    if (this.#parts === null) return false;
    if (this.#isClosed) throw new DagsterPipesError(`The Pipes session is closed: no ${message.method} can be sent any more`);
    this.#parts.channel.write(encodeMessage(message));
    return true;
  }

  #targetKey(assetKey: string | null, method: string): string {
    const keys = this.#data.assetKeys ?? [];
    if (assetKey !== null && assetKey !== undefined) {
      if (keys.length > 0 && !keys.includes(assetKey)) {
        throw new DagsterPipesError(`${method}: this step has no asset ${String(assetKey)}; it has ${keys.join(', ')}`);
      }
      return assetKey;
    }
    const [only] = keys;
    if (only !== undefined && keys.length === 1) return only;
    if (this.#parts === null) return '';
    const reason = keys.length === 0 ? 'names no asset' : `has several assets (${keys.join(', ')})`;
    throw new DagsterPipesError(`${method} needs an asset key: this step ${reason}`);
  }

  #single(property: string): string {
    const keys = this.#ofAssets(this.#data.assetKeys, property, ['']);
    const [only] = keys;
    if (only !== undefined && keys.length === 1) return only;
    throw undefinedHere(property, keys.length === 0 ? 'materializes no asset' : `has several assets (${keys.join(', ')})`);
  }

  #ofAssets<Value>(value: Value | null, property: string, inactive: Value): Value {
    if (this.#parts === null) return inactive;
    if (value === null) throw undefinedHere(property, 'has no assets');
    return value;
  }

  #ofPartition<Value>(value: Value | null, property: string, inactive: Value): Value {
    if (this.#parts === null) return inactive;
    if (value === null) throw undefinedHere(property, 'has no partition, or more than one');
    return value;
  }
}

const nothing: PipesContextData = {
  assetKeys: null,
  codeVersionByAssetKey: null,
  provenanceByAssetKey: null,
  partitionKey: null,
  partitionKeyRange: null,
  partitionTimeWindow: null,
  runID: '',
  jobName: null,
  retryNumber: 0,
  extras: {},
};

function undefinedHere(property: string, reason: string): DagsterPipesError {
  return new DagsterPipesError(`\`${property}\` is undefined: this step ${reason}`);
}
