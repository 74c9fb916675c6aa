import { audience, audienceAttributes, playableShared } from './metric-sets.ts';
import { appEvents } from './metrics/app-events.ts';
import { attributes } from './metrics/attributes.ts';
import { attributionSplit, messaging, shop } from './metrics/commerce.ts';
import {
  carouselImage,
  click,
  core,
  coreSkan,
  instantExperience,
  interactiveAddOn,
  live,
  social,
  video,
} from './metrics/core.ts';
import { describeMetric } from './metrics/describe.ts';
import { deprecated, further } from './metrics/further.ts';
import type { Metric, MetricGroup, MetricKind, MetricRow } from './metrics/metric.ts';
import { nativeGrowth } from './metrics/native-growth.ts';
import { offlineEvents } from './metrics/offline-events.ts';
import { onsiteEvents } from './metrics/onsite-events.ts';
import { playable } from './metrics/playable.ts';
import { skanEvents } from './metrics/skan-events.ts';
import { websiteEvents } from './metrics/website-events.ts';
import { dataLevels, granularities, granularitiesOf, type ReportType } from './report-types.ts';

export type { Metric } from './metrics/metric.ts';

const groups: readonly MetricGroup[] = [
  core,
  coreSkan,
  video,
  click,
  social,
  live,
  carouselImage,
  interactiveAddOn,
  instantExperience,
  appEvents,
  websiteEvents,
  onsiteEvents,
  nativeGrowth,
  offlineEvents,
  messaging,
  shop,
  attributionSplit,
  skanEvents,
  further,
  deprecated,
  attributes,
  playable,
];

const audienceNames: ReadonlySet<string> = new Set([...audience, ...audienceAttributes]);
const playableNames: ReadonlySet<string> = new Set(playableShared);
/** Counts with a `total_` sibling count people, their sibling counts events (docs 1740302848100353). */
const names: ReadonlySet<string> = new Set(groups.flatMap((group) => Object.keys(group.rows)));

/** Every metric and attribute by name, in catalogue order. */
export const metrics: ReadonlyMap<string, Metric> = new Map(
  groups.flatMap((group) => Object.entries(group.rows).map(([name, row]) => [name, metricOf(name, row, group)] as const)),
);

function metricOf(name: string, row: MetricRow, { group, traits = {} }: MetricGroup): Metric {
  const given = { ...traits, ...(typeof row === 'string' ? { kind: row } : row) };
  const reportTypes = given.reportTypes ?? reportTypesOf(name);
  return {
    name,
    group,
    attribute: false,
    additive: !given.attribute && isAdditive(name, given.kind),
    unit: unitOf(given.kind),
    description: describeMetric(name, isCountOfPeople(name)),
    levels: dataLevels,
    granularities: granularities.filter((granularity) =>
      reportTypes.some((type) => (granularitiesOf[type] as readonly string[]).includes(granularity)),
    ),
    needsIdDimension: false,
    withBreakdowns: true,
    proven: true,
    ...given,
    reportTypes,
  };
}

function reportTypesOf(name: string): readonly ReportType[] {
  return [
    'BASIC',
    ...(audienceNames.has(name) ? (['AUDIENCE'] as const) : []),
    ...(playableNames.has(name) ? (['PLAYABLE_MATERIAL'] as const) : []),
  ];
}

function isAdditive(name: string, kind: MetricKind): boolean {
  if (kind === 'count') return !isCountOfPeople(name);
  if (kind !== 'money') return false;
  return (
    name.endsWith('spend') || name === 'billed_cost' || (/(^|_)(value|revenue)(_|$)/.test(name) && !name.includes('value_per_'))
  );
}

function isCountOfPeople(name: string): boolean {
  if (name === 'reach' || /(^|_)unique_/.test(name)) return true;
  const total = name.startsWith('skan_') ? name.replace('skan_', 'skan_total_') : `total_${name}`;
  return names.has(total);
}

function unitOf(kind: MetricKind): string {
  switch (kind) {
    case 'money':
      return 'account currency';
    case 'decimal':
      return 'ratio';
    case 'count':
    case 'percent':
    case 'text':
    case 'id':
      return kind;
  }
}
