import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { checkComponentFile, type LocatedIssue, readComponentFile } from '../config/component-file.ts';
import { exitConfigError, parseCommandLine } from './arguments.ts';
import { type CommandIo, type Style, styleFor } from './io.ts';
import { type CommandPage, sharedOptions } from './page.ts';

const page = {
  name: 'check',
  about:
    'Checks the components in a defs.yaml without calling TikTok or a warehouse, and lists every mistake at once: where it is, what would be right, and the nearest right spelling.',
  words: 'files',
  synopsis: '[--resolve] [--json]',
  options: {
    config: { ...sharedOptions.config, description: 'a defs.yaml, as FILE' },
    resolve: {
      kind: 'switch',
      description:
        "resolve ${VAR} and {{ env.VAR }} from this environment and check what they hold, and the destination's own options; without it, what holds a reference passes",
    },
    json: { kind: 'switch', description: 'print one JSON object per file' },
  },
  examples: [
    { line: 'tiktok-ads check defs/tiktok/defs.yaml', does: 'before a commit: needs no variable to be set' },
    {
      line: 'TIKTOK_ACCESS_TOKEN=... tiktok-ads check --resolve defs/tiktok/defs.yaml',
      does: 'before a deployment: what the variables hold is checked too',
    },
  ],
  exits: { 0: 'all is right', 2: 'there is a mistake in a file or on the command line' },
} as const satisfies CommandPage;

/** `tiktok-ads check`: every mistake of YAML files, with file and line. */
export async function checkCommand(argv: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseCommandLine(page, argv, io);
  if (typeof parsed === 'number') return parsed;
  let code = 0;
  for (const name of parsed.words) {
    const result = await checkFile(name, io, parsed.has('resolve'));
    if (result.issues.length > 0) code = exitConfigError;
    io.stdout(parsed.has('json') ? `${JSON.stringify(result)}\n` : `${humanText(result, styleFor(io))}\n`);
  }
  return code;
}

interface FileResult {
  readonly file: string;
  readonly ok: boolean;
  readonly components: number;
  readonly issues: readonly LocatedIssue[];
}

async function checkFile(name: string, io: CommandIo, resolve: boolean): Promise<FileResult> {
  let text: string;
  try {
    text = await readFile(isAbsolute(name) ? name : join(io.cwd, name), 'utf8');
  } catch (error) {
    const reason =
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : 'the file cannot be read';
    return { file: name, ok: false, components: 0, issues: [{ line: 0, column: 0, path: name, message: reason }] };
  }
  const file = readComponentFile(text);
  const issues = checkComponentFile(file, resolve ? io.env : null, io.cwd);
  return { file: name, ok: issues.length === 0, components: file.components.length, issues };
}

function humanText({ file, issues, components }: FileResult, style: Style): string {
  const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
  if (issues.length === 0) {
    const what = components === 0 ? 'holds no TikTokAdsIngestionComponent' : `${counted(components, 'component')}, no mistakes`;
    return `${components === 0 ? style.yellow('!') : style.green('✓')} ${file}: ${what}`;
  }
  const lines = issues.flatMap(({ line, column, path, message, allowed, suggestion }) => [
    `${style.bold(line === 0 ? file : `${file}:${line}:${column}`)}  ${path === file ? '' : `${style.yellow(path)}: `}${message}`,
    ...(suggestion === undefined ? [] : [`    did you mean ${style.green(suggestion)}?`]),
    ...(allowed === undefined ? [] : [style.dim(`    allowed: ${allowed}`)]),
  ]);
  return [...lines, '', `${style.red('✗')} ${file}: ${counted(issues.length, 'mistake')}`].join('\n');
}
