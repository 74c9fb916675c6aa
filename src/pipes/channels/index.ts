import { azure } from './azure.ts';
import { bufferedStdio } from './buffered-stdio.ts';
import type { ChannelKind } from './channel.ts';
import { directory } from './directory.ts';
import { file } from './file.ts';
import { gcs } from './gcs.ts';
import { s3 } from './s3.ts';
import { stdio } from './stdio.ts';

/** Every channel. Where several accept the same params the first wins: an existing directory before a file. */
export const channels: readonly ChannelKind[] = [directory, file, stdio, bufferedStdio, s3, gcs, azure];
