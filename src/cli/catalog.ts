import { nearest } from '../suggest.ts';
import { aliases } from '../tiktok/aliases.ts';
import { dimensions } from '../tiktok/dimensions.ts';
import { metrics } from '../tiktok/metrics.ts';
import { dataLevels, reportTypes } from '../tiktok/report-types.ts';
import { parseCommandLine } from './arguments.ts';
import { type CommandIo, styleFor, widthFor } from './io.ts';
import type { CommandPage } from './page.ts';
import { renderTable } from './table.ts';

const page = {
  name: 'catalog',
  about:
    'Lists the metrics, dimensions and aliases that reports can be asked for: those whose name, group or description holds WORD, or all of them.',
  words: 'search',
  synopsis: '[--level LEVEL] [--report-type TYPE] [--json]',
  options: {
    level: {
      kind: 'choice',
      value: 'LEVEL',
      allowed: dataLevels,
      prefix: 'AUCTION_',
      default: 'all',
      description: 'only what this level has; AUCTION_ may be left out',
    },
    'report-type': {
      kind: 'choice',
      value: 'TYPE',
      allowed: reportTypes,
      default: 'all',
      description: 'only what this report type has',
    },
    json: { kind: 'switch', description: 'print a JSON list' },
  },
  examples: [
    { line: 'tiktok-ads catalog purchase', does: 'everything about purchases' },
    { line: 'tiktok-ads catalog video --level ad', does: 'what ads tell about videos' },
    { line: 'tiktok-ads catalog --report-type AUDIENCE', does: 'all that can be broken down by age, gender and the like' },
  ],
  exits: { 0: 'something is found', 1: 'nothing is found', 2: 'there is a mistake on the command line' },
} as const satisfies CommandPage;

interface CatalogEntry {
  readonly name: string;
  readonly role: 'metric' | 'attribute' | 'dimension' | 'alias';
  readonly kind: string;
  readonly group: string;
  readonly levels: readonly string[];
  readonly reportTypes: readonly string[];
  readonly description: string;
}

/** `tiktok-ads catalog`: what reports can be asked for. */
export async function catalogCommand(argv: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseCommandLine(page, argv, io);
  if (typeof parsed === 'number') return parsed;
  const level = parsed.text('level');
  const type = parsed.text('report-type');
  const word = parsed.words.join(' ').toLowerCase();
  const found = entries()
    .filter(
      (entry) =>
        (level === undefined || entry.levels.includes(level)) && (type === undefined || entry.reportTypes.includes(type)),
    )
    .filter((entry) => `${entry.name} ${entry.group} ${entry.description}`.toLowerCase().includes(word));
  if (parsed.has('json')) {
    io.stdout(`${JSON.stringify(found)}\n`);
    return 0;
  }
  if (found.length > 0) io.stdout(`${table(byName(found, word), io)}\n`);
  else io.stderr(`Nothing in the catalogue matches${word === '' ? '' : ` "${word}"`}.${near(word)}\n`);
  return found.length > 0 ? 0 : 1;
}

function entries(): readonly CatalogEntry[] {
  const own = [...metrics.values()].map(
    (metric): CatalogEntry => ({
      name: metric.name,
      role: metric.attribute ? 'attribute' : 'metric',
      kind: metric.kind,
      group: metric.group,
      levels: metric.levels,
      reportTypes: metric.reportTypes,
      description:
        metric.deprecated === undefined ? metric.description : `${metric.description} Deprecated: ${metric.deprecated}`,
    }),
  );
  const broken = [...dimensions.values()].map(
    (dimension): CatalogEntry => ({
      name: dimension.name,
      role: 'dimension',
      kind: dimension.role,
      group: 'Dimensions',
      levels: dimension.levels,
      reportTypes: dimension.reportTypes,
      description: dimension.description,
    }),
  );
  const renamed = [...aliases.values()].map((alias): CatalogEntry => {
    const sources = alias.metrics.flatMap((name) => metrics.get(name) ?? []);
    return {
      name: alias.name,
      role: 'alias',
      kind: sources[0]?.kind ?? 'decimal',
      group: 'Aliases',
      levels: dataLevels.filter((level) => sources.some((source) => source.levels.includes(level))),
      reportTypes: reportTypes.filter((type) => sources.some((source) => source.reportTypes.includes(type))),
      description: alias.description,
    };
  });
  return [...own, ...broken, ...renamed];
}

/** The word in a name comes before the word in a description; else the catalogue's own order. */
function byName(found: readonly CatalogEntry[], word: string): readonly CatalogEntry[] {
  const rank = ({ name }: CatalogEntry) => (name === word ? 0 : name.includes(word) ? 1 : 2);
  return found.toSorted((left, right) => rank(left) - rank(right));
}

function table(found: readonly CatalogEntry[], io: CommandIo): string {
  const columns = [
    { title: 'NAME' },
    { title: 'IS' },
    { title: 'KIND' },
    { title: 'LEVELS' },
    { title: 'REPORTS' },
    { title: 'DESCRIPTION' },
  ];
  const rows = found.map((entry) => [
    entry.name,
    entry.role,
    entry.kind,
    levelWords(entry.levels),
    typeWords(entry.reportTypes),
    entry.description,
  ]);
  const style = styleFor(io);
  return `${renderTable(columns, rows, { ...widthFor(io), title: style.bold })}\n\n${style.dim(`${found.length} found`)}`;
}

function levelWords(levels: readonly string[]): string {
  if (levels.length === dataLevels.length) return 'all';
  return levels.length === 0 ? '–' : levels.map(shortLevel).join(',');
}

function typeWords(types: readonly string[]): string {
  if (types.length === 0) return '–';
  return types.length === reportTypes.length ? 'all' : types.map((type) => type.split('_')[0] ?? type).join(',');
}

function shortLevel(level: string): string {
  return level.replace('AUCTION_', '').toLowerCase();
}

function near(word: string): string {
  const names = entries().map(({ name }) => name);
  const parts = names.filter((name) => name.split('_').some((part) => part.length > 2 && nearest(word, [part]) !== undefined));
  const words = [...new Set([nearest(word, names), ...parts])].filter((name) => name !== undefined).slice(0, 5);
  return words.length === 0 ? ' `tiktok-ads catalog` lists everything.' : ` Near: ${words.join(', ')}.`;
}
