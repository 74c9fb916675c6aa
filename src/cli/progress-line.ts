import type { Clock } from '../clock.ts';
import type { RunStatus } from '../reporter.ts';
import { type CommandIo, errorStyleFor } from './io.ts';

/** Messages of a run, and below them, on a terminal, one line that shows how far it is. */
export interface ProgressLine {
  /** Writes a message in a line of its own; the progress line gives way and comes back below it. */
  readonly say: (message: string) => void;
  /** Begins to show the status, which is asked anew for each drawing. */
  readonly follow: (status: () => RunStatus) => void;
  /** Wipes the line; nothing is drawn any more. */
  readonly close: () => void;
}

/** Between two drawings. */
const drawEveryMs = 250;
/** The rate is that of so many last drawings: about ten seconds. */
const samplesMax = 40;
const barMax = 24;
const barMin = 8;
const wipe = '\r\u001B[2K';

/** A line on standard error. Draws nothing unless that is a terminal, where the environment has CI, or TERM is `dumb`. */
export function createProgressLine(options: {
  readonly io: Pick<CommandIo, 'env' | 'stderr' | 'errorColumns'>;
  readonly clock: Clock;
}): ProgressLine {
  const { io, clock } = options;
  const columns = io.errorColumns;
  const isShown = columns !== null && !isSet(io.env['CI']) && io.env['TERM'] !== 'dumb';
  const stop = new AbortController();
  const samples: { readonly at: number; readonly calls: number }[] = [];
  let drawn = false;
  let status: (() => RunStatus) | undefined;

  const draw = (sampled: boolean): void => {
    if (!status || !columns || stop.signal.aborted) return;
    const now = status();
    if (sampled) {
      samples.push({ at: clock.now(), calls: now.callsMade });
      if (samples.length > samplesMax) samples.shift();
    }
    io.stderr(`${wipe}${errorStyleFor(io).dim(progressText(now, rateOf(samples), columns() - 1))}`);
    drawn = true;
  };
  const undraw = (): string => (drawn ? wipe : '');

  const drawAgainAndAgain = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      draw(true);
      await clock.sleep(drawEveryMs, stop.signal).catch(() => undefined); // Only the end wakes it.
    }
  };

  return {
    say: (message) => {
      io.stderr(`${undraw()}${message}\n`);
      drawn = false;
      draw(false);
    },
    follow: (given) => {
      if (!isShown || status) return;
      status = given;
      void drawAgainAndAgain();
    },
    close: () => {
      if (stop.signal.aborted) return;
      stop.abort();
      if (drawn) io.stderr(wipe);
      drawn = false;
    },
  };
}

/** `false` and an empty text are how people turn CI off. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0';
}

/** Calls a second. */
function rateOf(samples: readonly { readonly at: number; readonly calls: number }[]): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at <= first.at) return 0;
  return ((last.calls - first.calls) * 1000) / (last.at - first.at);
}

/** The line itself, at most `width` characters: what has no room is left out from the end, the bar first. */
export function progressText({ callsMade, callsPlanned, records }: RunStatus, perSecond: number, width: number): string {
  const planned = Math.max(callsPlanned, callsMade, 1);
  const share = callsMade / planned;
  const left = planned - callsMade;
  const parts = [
    `${Math.floor(share * 100)} %`.padStart(5),
    `${grouped(callsMade)}/${grouped(planned)} calls`,
    `${grouped(records)} rows`,
    `${perSecond.toFixed(1)} calls/s`,
    ...(left > 0 && perSecond > 0 ? [`${duration(left / perSecond)} left`] : []),
  ];
  let text = '';
  for (const part of parts) {
    const longer = text === '' ? part : `${text} · ${part}`;
    if (longer.length > width) break;
    text = longer;
  }
  const room = Math.min(barMax, width - text.length - 1);
  if (room < barMin) return text;
  const full = Math.floor(share * room);
  return `${'█'.repeat(full)}${'░'.repeat(room - full)} ${text}`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** As `45 s`, `3 min 20 s`, `2 h 5 min`. */
function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
