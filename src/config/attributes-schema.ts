import { z } from 'zod';
import { attributes } from './attributes.ts';
import { expectation } from './expectation.ts';
import type { FieldDefinition } from './field-types.ts';

/** Text that only the run's environment, or Dagster's templates, can resolve: allowed wherever a value is. */
const reference = z.string().regex(/\$\{|\{\{/);

/** What YAML may hold, as a zod schema: the shape of each attribute. What attributes must be together is in `attribute-rules.ts`. */
export const attributesSchema = z
  .strictObject(shapeOf(attributes))
  .meta({ title: 'TikTok Ads ingestion', description: 'Attributes of dagster_component_templates.TikTokAdsIngestionComponent.' });

function shapeOf(fields: Readonly<Record<string, FieldDefinition>>): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, definition]) => {
      const described = inputOf(definition).meta(documentation(definition));
      return [name, definition.required === true ? described : described.optional()];
    }),
  );
}

function inputOf(definition: FieldDefinition): z.ZodType {
  switch (definition.kind) {
    case 'any':
      return z.unknown();
    case 'text':
      return z.union([textOf(definition), z.number()]);
    case 'enum':
      return z.union([z.enum(definition.choices ?? []), reference]);
    case 'date':
      return z
        .string()
        .regex(definition.hours === true ? /^\d{4}-\d{2}-\d{2}([-T ]\d{2}:00)?$|\$\{|\{\{/ : /^\d{4}-\d{2}-\d{2}$|\$\{|\{\{/);
    case 'integer':
      return z.union([bounded(z.int(), definition), z.string().regex(/^[+-]?[\d_]+$|\$\{|\{\{/)]);
    case 'number':
      return z.union([bounded(z.number(), definition), z.string().regex(/^[+-]?[\d_.]+([eE][+-]?\d+)?$|\$\{|\{\{/)]);
    case 'boolean':
      return z.union([
        z.boolean(),
        z.literal([0, 1]),
        z.string().regex(/^([tT]rue|TRUE|[fF]alse|FALSE|[yY]es|[nN]o|[oO]n|[oO]ff|0|1)$|\$\{|\{\{/),
      ]);
    case 'ids':
      return z.union([z.string(), z.int(), z.array(z.union([textOf(definition), z.int()]))]);
    case 'words':
      return z.union([
        z.string(),
        z.array(definition.choices === undefined ? textOf(definition) : z.union([z.enum(definition.choices), reference])),
      ]);
    case 'mapping':
      return z.union([z.record(z.string(), z.unknown()), z.string()]);
    case 'entries':
      return z.union([z.array(z.strictObject(shapeOf(definition.fields ?? {}))), z.string()]);
  }
}

function textOf({ pattern }: FieldDefinition): z.ZodString {
  return pattern === undefined ? z.string() : z.string().regex(new RegExp(`^\\s*(?:${pattern})\\s*$|\\$\\{|\\{\\{`));
}

function bounded<T extends z.ZodNumber>(schema: T, { minimum, maximum }: FieldDefinition): T {
  const lower = minimum === undefined ? schema : schema.min(minimum);
  return maximum === undefined ? lower : lower.max(maximum);
}

function documentation(definition: FieldDefinition): Readonly<Record<string, unknown>> {
  const extra = definition.defaultText === undefined ? '' : ` If left out: ${definition.defaultText}.`;
  return {
    description: definition.description + extra,
    ...(definition.examples === undefined ? {} : { examples: definition.examples }),
    ...(definition.default === undefined ? {} : { default: definition.default }),
    ...(definition.secret === true ? { writeOnly: true } : {}),
    errorMessage: `should be ${expectation(definition)}`,
  };
}
