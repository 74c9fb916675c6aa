import { DagsterPipesError } from '../errors.ts';
import type { PipesHost, PipesStream } from '../host.ts';
import type { PipesParams } from '../params.ts';
import { tap } from '../tap.ts';
import { writeLine } from '../write-line.ts';
import type { ChannelKind, PipesMessageChannel } from './channel.ts';
import { textParam } from './params.ts';

/** One line per message on stdout or stderr, among what the program prints: pods, ECS tasks, Glue, EMR. */
export const stdio: ChannelKind = {
  name: 'stdio',
  chosenBy: 'params',
  accepts: (params) => 'stdio' in params,
  open: (params, { host }) => openStream(streamParam(params, 'stdio', host)),
};

/**
 * The stream that a parameter names.
 * @throws DagsterPipesError if it is neither stdout nor stderr.
 */
export function streamParam(params: PipesParams, key: string, host: PipesHost): PipesStream {
  const name = textParam(params, key);
  if (name === 'stdout' || name === 'stderr') return host[name];
  throw new DagsterPipesError(`The Pipes parameter \`${key}\` must be stdout or stderr, not ${name}`);
}

const lineBreak = 0x0a;

function openStream({ stream, fd }: PipesStream): PipesMessageChannel {
  let lineIsOpen = false;
  let closed = false;
  const untap = tap(stream, (chunk) => {
    if (chunk.length > 0) lineIsOpen = chunk[chunk.length - 1] !== lineBreak;
  });
  return {
    usesStdio: true,
    write: (line) => {
      if (closed) throw new DagsterPipesError('The Pipes message stream is closed');
      // What the program printed last may lack its line break; a message that shares a line is not seen as one.
      writeLine(fd, lineIsOpen ? `\n${line}` : line);
      lineIsOpen = false;
    },
    close: () => {
      closed = true;
      untap();
    },
  };
}
