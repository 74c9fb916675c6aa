/** What a command has of the process it runs in. */
export interface CommandIo {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Standard output is a terminal. */
  readonly isTty: boolean;
  /** Characters in a line of that terminal; null where it does not say, or there is none. */
  readonly columns: number | null;
  /** Characters in a line of the terminal that standard error is, asked anew because windows change; null where it is none. */
  readonly errorColumns: (() => number) | null;
}

/** Marks text for the eye; changes nothing unless a person looks at a terminal and did not set NO_COLOR. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
}

/** How wide a table may be: unlimited where no person looks at it. */
export function widthFor(io: Pick<CommandIo, 'env' | 'isTty' | 'columns'>): { readonly widthMax?: number } {
  return io.isTty ? { widthMax: Number(io.env['COLUMNS']) || io.columns || 120 } : {};
}

/** For what goes to standard error. */
export function errorStyleFor(io: Pick<CommandIo, 'env' | 'errorColumns'>): Style {
  return styleFor({ env: io.env, isTty: io.errorColumns !== null });
}

export function styleFor(io: Pick<CommandIo, 'env' | 'isTty'>): Style {
  const isPlain = !io.isTty || (io.env['NO_COLOR'] ?? '') !== '' || io.env['TERM'] === 'dumb';
  const paint = (code: number, end: number) => (text: string) => (isPlain ? text : `\u001B[${code}m${text}\u001B[${end}m`);
  return { bold: paint(1, 22), dim: paint(2, 22), red: paint(31, 39), green: paint(32, 39), yellow: paint(33, 39) };
}
