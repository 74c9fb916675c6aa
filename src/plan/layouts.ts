import type { RowField, RowLayout } from '../extract/rows.ts';
import { type Column, type ColumnType, deletedAtColumn, loadColumns, type TableSchema } from '../table.ts';
import type { Report } from '../tiktok/report.ts';
import type { FieldDefinition, ResourceDefinition } from '../tiktok/resource.ts';
import type { TablePlan } from './task.ts';

/** The table of a resource and the layouts its answers are read with. */
export function planResource(resource: ResourceDefinition): TablePlan {
  const schema = resourceSchema(resource);
  const main: RowLayout = {
    name: `rows_${resource.name}`,
    records: resource.records,
    framing: 'objects',
    keepsUnknown: true,
    reserved: schema.columns.map((column) => column.name).filter((name) => !(name in resource.columns)),
    fields: Object.entries(resource.columns).map(([column, definition]) => fieldOf(column, definition)),
  };
  const companion = resource.companion
    ? [
        {
          name: `rows_${resource.name}_companion`,
          records: resource.companion.records,
          framing: 'objects' as const,
          keepsUnknown: false,
          reserved: [],
          fields: Object.entries(resource.companion.fields).map(([column, type]) => fieldOf(column, type)),
        },
      ]
    : [];
  return { schema, source: { kind: 'resource', resource }, layouts: [main, ...companion] };
}

/** The table of a report and the layouts its answers are read with, one per group of metrics. */
export function planReport(report: Report): TablePlan {
  const types = new Map(report.schema.columns.map((column) => [column.name, column.type]));
  const keys = report.dimensions.map((name) => keyField(name, types));
  const layouts = report.metricGroups.map(
    (metrics, group): RowLayout => ({
      name: group === 0 ? `rows_${report.spec.table}` : `rows_${report.spec.table}_${group}`,
      records: 'list',
      framing: 'report-rows',
      keepsUnknown: group === 0,
      reserved: [...types.keys()].filter((name) => !metrics.includes(name) && !report.dimensions.includes(name)),
      fields: [
        ...keys,
        ...metrics.map(
          (name): RowField => ({ column: name, path: ['metrics', name], type: types.get(name) ?? 'text', dashIsNull: true }),
        ),
      ],
    }),
  );
  return { schema: report.schema, source: { kind: 'report', report }, layouts };
}

function keyField(name: string, types: ReadonlyMap<string, ColumnType>): RowField {
  return { column: name, path: ['dimensions', name], type: types.get(name) ?? 'id', dashIsNull: false };
}

function fieldOf(column: string, definition: FieldDefinition | ColumnType): RowField {
  if (typeof definition === 'string') return { column, path: [column], type: definition, dashIsNull: false };
  return {
    column,
    path: [definition.field ?? column],
    type: definition.type,
    dashIsNull: false,
    ...(definition.format ? { format: definition.format } : {}),
  };
}

function resourceSchema(resource: ResourceDefinition): TableSchema {
  const fields = Object.entries(resource.columns).map(
    ([name, definition]): Column =>
      typeof definition === 'string'
        ? { name, type: definition }
        : { name, type: definition.type, ...(definition.description ? { description: definition.description } : {}) },
  );
  // Records of some endpoints do not say whose they are; the account asked about is then the value.
  const owner: readonly Column[] =
    'advertiser_id' in resource.columns ? [] : [{ name: 'advertiser_id', type: 'id', description: 'Ad account.' }];
  const derived = Object.entries(resource.derived).map(([name, { type, description }]): Column => ({ name, type, description }));
  return {
    name: resource.name,
    description: resource.description,
    columns: [...owner, ...fields, ...derived, deletedAtColumn, ...loadColumns],
    primaryKey: resource.primaryKey,
    windowColumn: null,
    signature: `resource/${resource.name}`,
  };
}
