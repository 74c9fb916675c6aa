import type { RunEnvironment } from '../run.ts';
import { nearest } from '../suggest.ts';
import { exitConfigError } from './arguments.ts';
import type { CommandIo } from './io.ts';

type Command = (argv: readonly string[], io: CommandIo, environment: () => RunEnvironment) => Promise<number>;

/** Each command with its line in the help; its module is loaded when it is called. */
const commands: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<Command> }>> = {
  run: { summary: 'load what a defs.yaml asks for', load: async () => (await import('./run.ts')).runLoadCommand },
  plan: {
    summary: 'show every account, window, call and table of a run, without calling anyone',
    load: async () => (await import('./plan.ts')).planCommand,
  },
  check: {
    summary: 'check a defs.yaml: every mistake at once, with its line',
    load: async () => (await import('./check.ts')).checkCommand,
  },
  doctor: {
    summary: 'try token, scopes, accounts and destination, and say how to mend each',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  simulate: {
    summary: "serve a model of TikTok's API on this machine",
    load: async () => (await import('./simulate.ts')).simulateCommand,
  },
  read: {
    summary: "copy the asset's table out of the warehouse into a Parquet file",
    load: async () => (await import('./read.ts')).readCommand,
  },
  catalog: { summary: 'look up metrics and dimensions', load: async () => (await import('./catalog.ts')).catalogCommand },
  schema: {
    summary: "print the JSON Schema of the component's attributes",
    load: async () => (await import('./schema.ts')).schemaCommand,
  },
};

/** The command line. Gives the exit code. */
export async function runCommand(argv: readonly string[], io: CommandIo, environment: () => RunEnvironment): Promise<number> {
  const [name, ...rest] = argv;
  const asksHelp = name === '--help' || name === '-h' || name === 'help';
  if (name === undefined || (asksHelp && rest.length === 0)) {
    io.stdout(helpText());
    return 0;
  }
  if (asksHelp) return runCommand([rest[0] ?? '', '--help'], io, environment);
  if (name === '--version' || name === '-V') {
    io.stdout(`${(await import('./version.ts')).version}\n`);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return (await command.load())(rest, io, environment);
  const meant = nearest(name, [...Object.keys(commands), 'help', '--help', '--version']);
  io.stderr(`There is no command ${name}.${meant ? ` Did you mean ${meant}?` : ''}\n\n${helpText()}`);
  return exitConfigError;
}

function helpText(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `tiktok-ads loads TikTok Ads into DuckDB, Snowflake, BigQuery, Postgres or Redshift and proves each load complete.

Usage: tiktok-ads COMMAND [options]

${lines.join('\n')}

\`tiktok-ads help COMMAND\` explains one: options, defaults, examples, exit codes. Every command has --json. Started by Dagster (with DAGSTER_PIPES_CONTEXT), it runs what Dagster asks for.

First steps:
  tiktok-ads check defs.yaml   is the configuration right?
  tiktok-ads plan defs.yaml    what would be read, how long will it take?
  tiktok-ads doctor defs.yaml  do token, accounts and warehouse work?
  tiktok-ads run defs.yaml     load it
`;
}
