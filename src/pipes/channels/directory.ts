import { renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DagsterPipesError } from '../errors.ts';
import type { ChannelKind } from './channel.ts';
import { chunkIntervalMsDefault, openChunks } from './chunks.ts';
import { textParam } from './params.ts';

/** Numbered chunks in a mounted directory: Databricks' DBFS and Unity Catalog volumes. Shares its key with `file`: a directory is one if it exists. */
export const directory: ChannelKind = {
  name: 'directory',
  chosenBy: 'params',
  accepts: (params) => typeof params['path'] === 'string' && isDirectory(params['path']),
  open: (params, { host, chunkIntervalMs }) => {
    const path = textParam(params, 'path');
    if (!isDirectory(path)) throw new DagsterPipesError(`The Pipes message directory ${path} does not exist`);
    return openChunks({
      put: (index, body) => store(path, index, body),
      intervalMs: chunkIntervalMs ?? chunkIntervalMsDefault,
      warn: host.warn,
    });
  },
};

/** Under another name first: Dagster reads a chunk as soon as its name is there. */
function store(path: string, index: number, body: string): void {
  const draft = join(path, `.${index}.json.part`);
  try {
    writeFileSync(draft, body);
    renameSync(draft, join(path, `${index}.json`));
  } catch (cause) {
    throw new DagsterPipesError(`The Pipes message chunk ${index} cannot be written to ${path}: ${String(cause)}`, { cause });
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
