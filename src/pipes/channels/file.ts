import { closeSync, openSync } from 'node:fs';
import { DagsterPipesError } from '../errors.ts';
import { writeLine } from '../write-line.ts';
import type { ChannelKind, PipesMessageChannel } from './channel.ts';
import { textParam } from './params.ts';

/** One line per message at the end of a file, which Dagster follows: what PipesSubprocessClient uses. */
export const file: ChannelKind = {
  name: 'file',
  chosenBy: 'params',
  accepts: (params) => typeof params['path'] === 'string',
  open: (params) => openFile(textParam(params, 'path')),
};

function openFile(path: string): PipesMessageChannel {
  let fd: number | undefined = open(path);
  return {
    write: (line) => {
      if (fd === undefined) throw new DagsterPipesError('The Pipes message file is closed');
      writeLine(fd, line);
    },
    close: () => {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}

function open(path: string): number {
  try {
    return openSync(path, 'a');
  } catch (cause) {
    throw new DagsterPipesError(`The Pipes message file ${path} cannot be opened: ${String(cause)}`, { cause });
  }
}
