import { DagsterPipesError } from '../errors.ts';
import type { ChannelKind, PipesMessageChannel } from './channel.ts';
import { stdio, streamParam } from './stdio.ts';

/** All messages at the very end, on stdout or stderr: AWS Lambda, of whose log Dagster reads the last 4 KB only. */
export const bufferedStdio: ChannelKind = {
  name: 'buffered-stdio',
  chosenBy: 'params',
  accepts: (params) => 'buffered_stdio' in params,
  open: (params, settings) => {
    streamParam(params, 'buffered_stdio', settings.host);
    return holdUntilClose(stdio.open({ stdio: params['buffered_stdio'] }, settings));
  },
};

function holdUntilClose(channel: PipesMessageChannel): PipesMessageChannel {
  const held: string[] = [];
  let closed = false;
  return {
    usesStdio: true,
    write: (line) => {
      if (closed) throw new DagsterPipesError('The Pipes message stream is closed');
      held.push(line);
    },
    close: () => {
      if (closed) return;
      closed = true;
      for (const line of held) channel.write(line);
      channel.close();
    },
  };
}
