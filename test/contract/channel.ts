import { describe, expect, it } from 'vitest';
import type { PipesMessageChannel } from '../../src/pipes/channels/channel.ts';

/** A channel under test: how to open one on a fresh place, and how to read back what arrived there. */
export interface ChannelSubject {
  readonly name: string;
  /** Why the suite cannot run here; shown instead of running it. */
  readonly skip?: string;
  readonly open: () => Promise<OpenedChannel>;
}

export interface OpenedChannel {
  readonly channel: PipesMessageChannel;
  /** All lines that have arrived, in the order in which Dagster reads them. */
  readonly read: () => Promise<readonly string[]>;
}

const odd = ['line\nbreak', 'tab\tquote" backslash\\', 'Grüße 广告 🚀', 'separator \u2028 \u2029 \u0085', 'nul \u0000', '', ' '];

/** What every channel has to keep, whatever it writes to. */
export function channelContract({ name, skip, open }: ChannelSubject): void {
  describe.skipIf(skip !== undefined)(`the ${name} channel${skip === undefined ? '' : ` (${skip})`}`, () => {
    it('delivers every line once, whole and in order', async () => {
      const { channel, read } = await open();
      const lines = Array.from({ length: 250 }, (_, index) => JSON.stringify({ index }));
      for (const line of lines) channel.write(line);
      await channel.close();
      expect(await read()).toEqual(lines);
    });

    it('delivers odd characters as they are', async () => {
      const { channel, read } = await open();
      const lines = odd.map((text) => JSON.stringify({ text }));
      for (const line of lines) channel.write(line);
      await channel.close();
      expect(await read()).toEqual(lines);
    });

    it('delivers a line of a megabyte whole, between two short ones', async () => {
      const { channel, read } = await open();
      const lines = ['"before"', JSON.stringify('x'.repeat(1_000_000)), '"after"'];
      for (const line of lines) channel.write(line);
      await channel.close();
      expect(await read()).toEqual(lines);
    });

    it('leaves nothing behind if nothing was written, not even an empty line', async () => {
      const { channel, read } = await open();
      await channel.close();
      expect(await read()).toEqual([]);
    });

    it('can be closed twice, and delivers nothing twice', async () => {
      const { channel, read } = await open();
      channel.write('"only"');
      await channel.close();
      await channel.close();
      expect(await read()).toEqual(['"only"']);
    });

    it('refuses a line after it was closed, and delivers none', async () => {
      const { channel, read } = await open();
      channel.write('"first"');
      await channel.close();
      expect(() => channel.write('"late"')).toThrow(expect.objectContaining({ name: 'DagsterPipesError' }));
      expect(await read()).toEqual(['"first"']);
    });

    it('delivers what was written right before it was closed, although its turn had not come', async () => {
      const { channel, read } = await open();
      channel.write('"early"');
      await new Promise((resolve) => setTimeout(resolve, 60));
      channel.write('"closed"');
      await channel.close();
      expect(await read()).toEqual(['"early"', '"closed"']);
    });
  });
}
