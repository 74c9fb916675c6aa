import { defaultBreakdowns } from './config/reports.ts';
import { destinations } from './destinations/index.ts';
import { planResource } from './plan/layouts.ts';
import type { Column } from './table.ts';
import { aliases } from './tiktok/aliases.ts';
import { dimensions } from './tiktok/dimensions.ts';
import { metrics } from './tiktok/metrics.ts';
import { type ReportSpec, workOut } from './tiktok/report.ts';
import { defaultMetrics } from './tiktok/report-rules.ts';
import { dataLevels, granularitiesOf, reportTypes } from './tiktok/report-types.ts';
import { resources } from './tiktok/resources/index.ts';

/**
 * What Python shows of tables before their first run: the tables of entities; of each shape of report the columns without
 * chosen metrics (`plain`) and with the default ones (`standard`); and each column that metrics, aliases and breakdowns add.
 */
export function tablesJson(): Readonly<Record<string, unknown>> {
  const shapes = reportShapes();
  return {
    types: Object.fromEntries(destinations.map(({ name, dialect }) => [name, dialect.types])),
    entities: Object.fromEntries(
      resources.map((resource) => {
        const { name, description, columns } = planResource(resource).schema;
        return [name, { description, columns }];
      }),
    ),
    reports: Object.fromEntries(
      shapes.map((shape) => [
        [shape.reportType, shape.dataLevel, shape.granularity].join('/'),
        { plain: names(workOut(shape)), standard: names(workOut({ ...shape, metrics: defaultMetrics(shape) })) },
      ]),
    ),
    columns: Object.fromEntries(columnsOf(shapes).map(({ name, ...facts }) => [name, facts])),
    defaultBreakdowns,
  };
}

function reportShapes(): readonly ReportSpec[] {
  const none = { name: '', table: '', metrics: [], aliases: [], breakdowns: [] };
  return reportTypes.flatMap((reportType) =>
    dataLevels.flatMap((dataLevel) =>
      granularitiesOf[reportType].map((granularity): ReportSpec => ({ ...none, reportType, dataLevel, granularity })),
    ),
  );
}

function names({ schema }: ReturnType<typeof workOut>): readonly string[] {
  return schema.columns.map((column) => column.name);
}

/** Every column that a report may have, once; of an alias the description with most of its sources, which come first in BASIC. */
function columnsOf(shapes: readonly ReportSpec[]): readonly Column[] {
  const breakdowns = [...dimensions].filter(([, { role }]) => role === 'breakdown').map(([name]) => name);
  const chosen = { metrics: [...metrics.keys()], aliases: [...aliases.keys()] };
  const columns = shapes.flatMap((shape) => [
    ...workOut({ ...shape, ...chosen }).schema.columns,
    ...workOut({ ...shape, breakdowns }).schema.columns,
  ]);
  return [...new Map(columns.toReversed().map((column) => [column.name, column])).values()];
}
