import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  visit,
} from 'yaml';
import { destinationOptions } from '../destinations/index.ts';
import { ConfigError, type ConfigIssue } from '../errors.ts';
import { checkAttributes, parseConfig } from './config.ts';
import { dagsterYaml } from './dagster-yaml.ts';
import { destinationMistakes } from './destination-mistakes.ts';
import type { Environment } from './references.ts';

/** A place in a file, both counted from 1. */
interface Location {
  readonly line: number;
  readonly column: number;
}

/** One component of a `defs.yaml`; a file may hold several, and other types of component, which are left out here. */
interface ComponentDocument {
  readonly attributes: unknown;
  /** Where an issue's path stands in the file: the value, its key, or the nearest part of the path that is there. */
  readonly locate: (path: string) => Location;
}

export interface ComponentFile {
  readonly components: readonly ComponentDocument[];
  /** Documents of other component types. */
  readonly others: number;
  /** What is wrong with the YAML itself. */
  readonly issues: readonly LocatedIssue[];
}

export type LocatedIssue = ConfigIssue & Location;

const componentName = 'TikTokAdsIngestionComponent';

/** Reads the text of a `defs.yaml` or `component.yaml`. Never throws: syntax errors are issues. */
export function readComponentFile(text: string): ComponentFile {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { ...dagsterYaml, lineCounter: lines, prettyErrors: false });
  const list = Array.isArray(documents) ? documents : [];
  const issues = list.flatMap((document) => [
    ...[...document.errors, ...document.warnings].map(({ pos, message }) => ({
      ...locationAt(lines, pos[0]),
      path: 'yaml',
      message,
    })),
    ...wrongAliases(document, lines),
  ]);
  if (issues.length > 0) return { components: [], others: 0, issues };
  const components: ComponentDocument[] = [];
  const problems: LocatedIssue[] = [];
  let others = 0;
  for (const document of list) {
    const { contents } = document;
    if (contents === null) continue;
    const start = locationAt(lines, contents.range?.[0] ?? 0);
    if (!isMap(contents)) {
      problems.push({ ...start, path: 'yaml', message: 'is not a mapping', allowed: 'type: and attributes:' });
      continue;
    }
    const type: unknown = contents.get('type');
    if (type === undefined)
      problems.push({ ...start, path: 'type', message: 'is required', allowed: `dagster_component_templates.${componentName}` });
    else if (typeof type !== 'string' || !type.endsWith(`.${componentName}`)) {
      others += 1;
      continue;
    }
    const pair = pairOf(contents, 'attributes');
    const node = isNode(pair?.value) ? pair.value : null;
    const keyAt = isNode(pair?.key) ? locationAt(lines, pair.key.range?.[0] ?? 0) : start;
    components.push({
      attributes: plainNumbers(node?.toJS(document) ?? {}),
      locate: (path) => locate(node, path, lines) ?? keyAt,
    });
  }
  if (list.every(({ contents }) => contents === null))
    problems.push({ line: 1, column: 1, path: 'yaml', message: 'the file is empty', allowed: 'type: and attributes:' });
  return { components, others, issues: problems };
}

/** Aliases (`*name`) of anchors that do not exist, or that hold the alias itself. */
function wrongAliases(document: Document.Parsed, lines: LineCounter): readonly LocatedIssue[] {
  const found: LocatedIssue[] = [];
  visit(document, {
    Alias: (_key, alias, path) => {
      const target = alias.resolve(document);
      if (target !== undefined && !path.some((parent) => parent === target)) return;
      const message =
        target === undefined ? `*${alias.source} has no anchor &${alias.source} before it` : `*${alias.source} holds itself`;
      found.push({ ...locationAt(lines, alias.range?.[0] ?? 0), path: 'yaml', message });
    },
  });
  return found;
}

/**
 * Every mistake of every component in a file, in the file's order. Without an environment, what holds a reference passes; with one,
 * what it gives is checked too. `directory`: the working directory of a run.
 */
export function checkComponentFile(
  file: ComponentFile,
  environment: Environment | null,
  directory: string,
): readonly LocatedIssue[] {
  const found = file.components.flatMap(({ attributes, locate: at }) => {
    const issues =
      environment === null
        ? distinct([...checkAttributes(attributes), ...destinationMistakes(attributes, directory)])
        : resolvedIssues(attributes, environment, directory);
    return issues.map((issue) => ({ ...issue, ...at(issue.path) }));
  });
  return [...file.issues, ...found].toSorted((left, right) => left.line - right.line || left.column - right.column);
}

/** The first mistake of each place. */
function distinct(issues: readonly ConfigIssue[]): readonly ConfigIssue[] {
  const places = new Set<string>();
  return issues.filter(({ path }) => !path.startsWith('destination_config') || (!places.has(path) && places.add(path)));
}

function resolvedIssues(attributes: unknown, environment: Environment, directory: string): readonly ConfigIssue[] {
  try {
    const { destination, datasetName } = parseConfig(attributes, environment);
    destinationOptions(destination.name, { config: destination.config, url: destination.url, datasetName, directory });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.issues.length > 0 ? error.issues : [{ path: 'destination_config', message: error.message }];
  }
}

function locate(root: Node | null, path: string, lines: LineCounter): Location | null {
  let node: unknown = root;
  let offset: number | undefined;
  for (const step of path.matchAll(/[^.[\]]+/g)) {
    const pair = isMap(node) ? pairOf(node, step[0]) : undefined;
    const next: unknown =
      pair === undefined
        ? isNode(node) && 'get' in node && typeof node.get === 'function'
          ? node.get(Number(step[0]), true)
          : undefined
        : pair.value;
    const anchor: unknown = pair === undefined ? next : pair.key;
    if (!isNode(anchor)) break;
    offset = anchor.range?.[0];
    node = next;
  }
  return offset === undefined ? null : locationAt(lines, offset);
}

function pairOf(map: { readonly items: readonly unknown[] }, name: string): Pair | undefined {
  return map.items.filter((item) => isPair(item)).find(({ key }) => isScalar(key) && String(key.value) === name);
}

function locationAt(lines: LineCounter, offset: number): Location {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** Whole numbers are read exactly; one that a JavaScript number cannot hold (an id) goes on as text. */
function plainNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (Array.isArray(value)) return value.map(plainNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainNumbers(item)]));
}
