import { nearest } from '../suggest.ts';
import type { MessageKey } from './report-messages.ts';
import { type DimensionRules, type MetricProfile, rulesData } from './report-rules-json.ts';
import type { DataLevel, Granularity, ReportType } from './report-types.ts';

/** A report as a user asks for it. */
export interface ReportRequest {
  readonly reportType: ReportType;
  /** Not looked at in PLAYABLE_MATERIAL reports, which have no level. */
  readonly dataLevel: DataLevel;
  readonly granularity: Granularity;
  /** Names of the API; an alias among them is checked as one. */
  readonly metrics: readonly string[];
  readonly aliases: readonly string[];
  /** The dimensions named by the user: breakdowns; the level's id and the time may be among them. */
  readonly breakdowns: readonly string[];
  /** Dates are not looked at here: they are right by themselves or not. */
  readonly startDate?: string;
  readonly endDate?: string;
}

/** One mistake, in the words that the user sees. */
export interface RuleViolation {
  /** `metrics[3]`, `aliases[0]`, `dimensions[0]`, `dimensions` or `time_granularity`. */
  readonly path: string;
  readonly value: string;
  readonly message: string;
  readonly allowed?: string;
  readonly suggestion?: string;
}

/** Everything that TikTok would refuse about a report, in the order of granularity, dimensions, metrics, aliases. Empty if it is legal. */
export function checkReport(request: ReportRequest): readonly RuleViolation[] {
  const wrongGranularity = !rules.granularitiesOf[request.reportType].includes(request.granularity);
  // What else depends on the granularity is only told once that is right.
  const context: Context = { ...request, granularity: wrongGranularity ? null : request.granularity };
  return [
    ...(wrongGranularity ? [granularityViolation(request)] : []),
    ...dimensionViolations(context),
    ...metricViolations(context, 'metrics', request.metrics),
    ...metricViolations(context, 'aliases', request.aliases),
  ];
}

/** The API's names that a report may ask for, in catalogue order, attributes of its level and of the parents included. */
export function allowedMetrics(
  reportType: ReportType,
  dataLevel: DataLevel,
  granularity: Granularity,
  breakdowns: readonly string[],
): readonly string[] {
  const context = { reportType, dataLevel, granularity, breakdowns };
  return [...metrics.keys()].filter((name) => metricProblem(name, context) === undefined);
}

/** What a report loads that names no metrics: a set that suits its type, without what its level, granularity and breakdowns refuse. */
export function defaultMetrics(request: Omit<ReportRequest, 'metrics'>): readonly string[] {
  return rules.defaultMetrics[request.reportType].filter((name) => metricProblem(name, request) === undefined);
}

const rules = rulesData();
// Names come from users: `constructor` must not be found in a plain object.
const dimensions = new Map(Object.entries(rules.dimensions));
const metrics = new Map(Object.entries(rules.metrics));
const aliases = new Map(Object.entries(rules.aliases));

interface Context {
  readonly reportType: ReportType;
  readonly dataLevel: DataLevel;
  /** Null: not to be looked at. */
  readonly granularity: Granularity | null;
  readonly breakdowns: readonly string[];
}

/** What is wrong with one name; the placeholders that do not follow from the context. */
interface Problem {
  readonly key: MessageKey;
  readonly words: Readonly<Record<string, string>>;
}

function granularityViolation(request: ReportRequest): RuleViolation {
  const words = { type: request.reportType, granularities: list(rules.granularitiesOf[request.reportType]) };
  return violation('time_granularity', request.granularity, { key: 'granularity', words });
}

function dimensionViolations(context: Context): readonly RuleViolation[] {
  const named = context.breakdowns.map((name, index) => ({ name, path: `dimensions[${index}]` }));
  const wrong = named.flatMap(({ name, path }) => {
    const problem = dimensionProblem(name, context);
    if (!problem) return [];
    const suggestion = problem.key === 'dimensionUnknown' ? nearestDimension(name, context) : undefined;
    return [violation(path, name, problem, suggestion)];
  });
  const extra = extraBreakdowns(context);
  const tooMany = named
    .filter(({ name }, index) => extra.has(name) && context.breakdowns.indexOf(name) === index)
    .map(({ name, path }) => violation(path, name, { key: 'breakdownsTooMany', words: {} }));
  const { min } = rules.breakdownCounts[context.reportType];
  if (wrong.length > 0 || min === 0 || breakdownsIn(context).length >= min) return [...wrong, ...tooMany];
  return [
    violation('dimensions', '', {
      key: 'breakdownMissing',
      words: { type: context.reportType, names: namesOf(context, 'breakdown') },
    }),
  ];
}

function dimensionProblem(name: string, context: Context): Problem | undefined {
  const { reportType, dataLevel, granularity } = context;
  const dimension = dimensions.get(name);
  if (!dimension) return { key: 'dimensionUnknown', words: { names: namesOf(context, 'breakdown') } };
  const words = { type: reportType, level: dataLevel, granularity: granularity ?? '', ...wordsOf(dimension) };
  if (dimension.onlyIn !== null) return { key: 'dimensionOnlyIn', words };
  if (!dimension.reportTypes.includes(reportType)) {
    return { key: 'dimensionType', words: { ...words, names: namesOf(context, 'breakdown') } };
  }
  if (reportType !== 'PLAYABLE_MATERIAL' && !dimension.levels.includes(dataLevel)) {
    return { key: dimension.role === 'id' ? 'dimensionIdLevel' : 'dimensionLevel', words };
  }
  if (granularity !== null && !dimension.granularities.includes(granularity)) {
    return { key: dimension.role === 'time' ? 'dimensionTime' : 'dimensionGranularity', words };
  }
  return dimension.role === 'id' && name !== idOf(context)
    ? { key: 'dimensionExclusive', words: { ...words, id: idOf(context) } }
    : undefined;
}

/** The id dimension of a report: the first one named that its level has, else the level's own. */
function idOf({ breakdowns, dataLevel, reportType }: Context): string {
  if (reportType === 'PLAYABLE_MATERIAL') return 'playable_id';
  const named = breakdowns.find(
    (name) => dimensions.get(name)?.role === 'id' && dimensions.get(name)?.levels.includes(dataLevel),
  );
  return named ?? rules.levelIds[dataLevel];
}

/** Breakdowns beyond the number that the report type takes; the first ones stay. */
function extraBreakdowns(context: Context): ReadonlySet<string> {
  const names = breakdownsIn(context);
  const pair = rules.breakdownPairs.find((members) => members.every((name) => names.includes(name)));
  // A pair counts as one: as its first member.
  const counted = names.filter((name) => !pair?.slice(1).includes(name));
  return new Set(counted.slice(rules.breakdownCounts[context.reportType].max));
}

/** The breakdowns that the report type has, each once. */
function breakdownsIn({ breakdowns, reportType }: Context): readonly string[] {
  return [...new Set(breakdowns)].filter((name) => {
    const dimension = dimensions.get(name);
    return dimension?.role === 'breakdown' && dimension.reportTypes.includes(reportType);
  });
}

function metricViolations(context: Context, list: 'metrics' | 'aliases', names: readonly string[]): readonly RuleViolation[] {
  return names.flatMap((name, index) => {
    const problem = aliases.get(name) && !metrics.has(name) ? aliasProblem(name, context) : metricProblem(name, context);
    if (!problem) return [];
    const suggestion = problem.key === 'metricUnknown' ? nearestMetric(name, context) : undefined;
    return [violation(`${list}[${index}]`, name, problem, suggestion)];
  });
}

/** A copy is as legal as its metric; a sum is legal if one of its metrics is. */
function aliasProblem(name: string, context: Context): Problem | undefined {
  const sources = aliases.get(name)?.metrics ?? [];
  const problems = sources.map((source) => metricProblem(source, context));
  const [first] = problems;
  if (!first || problems.includes(undefined)) return undefined;
  return { key: first.key, words: { ...first.words, value: `${JSON.stringify(name)} (${sources.join(' + ')})` } };
}

function metricProblem(name: string, context: Context): Problem | undefined {
  const { reportType, dataLevel, granularity, breakdowns } = context;
  const metric = profileOf(name);
  if (!metric) return { key: 'metricUnknown', words: {} };
  const words = { type: reportType, level: dataLevel, granularity: granularity ?? '', ...wordsOf(metric) };
  if (metric.onlyIn !== null) return { key: 'metricOnlyIn', words };
  if (!metric.reportTypes.includes(reportType)) return { key: 'metricType', words };
  if (reportType !== 'PLAYABLE_MATERIAL' && !metric.levels.includes(dataLevel)) {
    return { key: name === rules.levelIds[dataLevel] ? 'metricIdLevel' : 'metricLevel', words };
  }
  if (granularity !== null && !metric.granularities.includes(granularity)) return { key: 'metricGranularity', words };
  if (metric.needsDimension !== null && !breakdowns.includes(metric.needsDimension)) {
    return { key: 'metricNeeds', words: { ...words, needs: metric.needsDimension } };
  }
  if (metric.conflictsWith === idOf(context))
    return { key: 'metricConflict', words: { ...words, conflict: metric.conflictsWith } };
  return breakdownProblem(name, metric, context, words);
}

function breakdownProblem(
  name: string,
  metric: MetricProfile,
  context: Context,
  words: Readonly<Record<string, string>>,
): Problem | undefined {
  const breakdowns = breakdownsIn(context);
  const [first] = breakdowns;
  if (!metric.withBreakdowns && first !== undefined) return { key: 'metricPlain', words: { ...words, breakdown: first } };
  if (metric.attribute) return undefined;
  for (const breakdown of breakdowns) {
    const allowed = dimensions.get(breakdown)?.metricsAllowed[context.reportType];
    if (allowed && !allowed.includes(name))
      return { key: 'metricBreakdown', words: { ...words, breakdown, names: shortened(allowed) } };
  }
  return undefined;
}

function profileOf(name: string): MetricProfile | undefined {
  const index = metrics.get(name);
  return index === undefined ? undefined : rules.profiles[index];
}

/** The nearest of the metrics that would be legal here, else of all; of an alias that copies, the metric it copies. */
function nearestMetric(name: string, context: Context): string | undefined {
  const all = [...metrics.keys()];
  const legal = all.filter((candidate) => metricProblem(candidate, context) === undefined);
  const legalAliases = [...aliases.keys()].filter((candidate) => aliasProblem(candidate, context) === undefined);
  const found = nearest(name, [...legal, ...legalAliases]) ?? nearest(name, all);
  const alias = found === undefined ? undefined : aliases.get(found);
  return alias?.kind === 'copy' ? alias.metrics[0] : found;
}

function nearestDimension(name: string, context: Context): string | undefined {
  const all = [...dimensions.keys()];
  const legal = all.filter((candidate) => dimensions.get(candidate)?.reportTypes.includes(context.reportType));
  return nearest(name, legal) ?? nearest(name, all);
}

function namesOf(context: Context, role: DimensionRules['role']): string {
  const names = [...dimensions]
    .filter(([, dimension]) => dimension.role === role && dimension.reportTypes.includes(context.reportType))
    .map(([name]) => name);
  return names.join(', ');
}

function wordsOf(
  facts: Pick<MetricProfile, 'reportTypes' | 'levels' | 'granularities' | 'onlyIn'>,
): Readonly<Record<string, string>> {
  return {
    types: list(facts.reportTypes),
    levels: list(facts.levels),
    granularities: list(facts.granularities),
    where: facts.onlyIn ?? '',
  };
}

function violation(path: string, value: string, problem: Problem, suggestion?: string): RuleViolation {
  const { message, allowed } = rules.messages[problem.key];
  const words = { value: JSON.stringify(value), ...problem.words };
  return {
    path,
    value,
    message: filled(message, words),
    ...(allowed === undefined ? {} : { allowed: filled(allowed, words) }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function filled(text: string, words: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, word: string) => words[word] ?? whole);
}

function shortened(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(', ')}, …` : names.join(', ');
}

function list(words: readonly string[]): string {
  return words.join(', ');
}
