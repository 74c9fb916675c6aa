import { readFileSync } from 'node:fs';
import { azureStoreFrom } from './channels/azure.ts';
import type { BlobStore } from './channels/blob-store.ts';
import { gcsStoreFrom } from './channels/gcs.ts';
import { keysOf, textParam } from './channels/params.ts';
import { s3StoreFrom } from './channels/s3.ts';
import { DagsterPipesError } from './errors.ts';
import { currentHost } from './host.ts';
import { isRecord, parseJson } from './json.ts';
import type { PipesParams } from './params.ts';

/** Loads what Dagster tells about the step from where the params say. */
export abstract class PipesContextLoader {
  /**
   * The context as Dagster wrote it, or a promise of it. `openDagsterPipes` takes loaders that answer at once, `openDagsterPipesAsync` all.
   * Throws or rejects with DagsterPipesError if it cannot be read.
   */
  abstract loadContext(params: PipesParams): unknown;
}

/** From a file (`path`), or out of the params themselves (`data`): what Dagster's clients do by default. */
export class PipesDefaultContextLoader extends PipesContextLoader {
  override loadContext(params: PipesParams): unknown {
    if ('path' in params) return readContext(textParam(params, 'path'));
    if (isRecord(params['data'])) return params['data'];
    const hint = 'bucket' in params ? '; name the store by a context loader, such as PipesS3ContextLoader' : '';
    throw new DagsterPipesError(`The Pipes context is in no known place: the params have ${keysOf(params)}${hint}`);
  }
}

/** From a file on DBFS, which Databricks mounts at `/dbfs`. */
export class PipesDbfsContextLoader extends PipesContextLoader {
  readonly #mount: string;

  constructor(mount: string = dbfsMount) {
    super();
    this.#mount = mount;
  }

  override loadContext(params: PipesParams): unknown {
    return readContext(dbfsPath(params, this.#mount));
  }
}

/** From a file in a Databricks Unity Catalog volume. */
export class PipesUnityCatalogVolumesContextLoader extends PipesDefaultContextLoader {}

/** From an object in a store: bucket (in Azure: container) and key. Answers later: open with `openDagsterPipesAsync`. */
export class PipesBlobContextLoader extends PipesContextLoader {
  readonly #store: BlobStore;

  constructor(store: BlobStore) {
    super();
    this.#store = store;
  }

  override async loadContext(params: PipesParams): Promise<unknown> {
    const bucket = textParam(params, 'bucket');
    const key = textParam(params, 'key');
    return parse(await this.#store.get(bucket, key), `${bucket}/${key}`);
  }
}

/** From S3, by default as the AWS_* variables say. */
export class PipesS3ContextLoader extends PipesBlobContextLoader {
  constructor(store: BlobStore = s3StoreFrom(currentHost().environment)) {
    super(store);
  }
}

/** From Google Cloud Storage, by default with the machine's service account. */
export class PipesGCSContextLoader extends PipesBlobContextLoader {
  constructor(store: BlobStore = gcsStoreFrom(currentHost().environment)) {
    super(store);
  }
}

/** From Azure Blob Storage, by default as AZURE_STORAGE_CONNECTION_STRING says. */
export class PipesAzureBlobStorageContextLoader extends PipesBlobContextLoader {
  constructor(store: BlobStore = azureStoreFrom(currentHost().environment)) {
    super(store);
  }
}

export const dbfsMount = '/dbfs';

/** The mounted path of a DBFS path among the params. Throws DagsterPipesError if there is none. */
export function dbfsPath(params: PipesParams, mount: string): string {
  return `${mount}/${textParam(params, 'path').replace(/^\/+/, '')}`;
}

function readContext(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new DagsterPipesError(`The Pipes context ${path} cannot be read: ${String(cause)}`, { cause });
  }
  return parse(text, path);
}

function parse(text: string, source: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw new DagsterPipesError(`The Pipes context ${source} is not JSON: ${String(cause)}`, { cause });
  }
}
