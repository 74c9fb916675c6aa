import { z } from 'zod';
import { attributesSchema } from './attributes-schema.ts';

/** The JSON Schema of a `defs.yaml` or `component.yaml` of this component: what `component.yaml.schema.json` holds. */
export function componentSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...attributes } = z.toJSONSchema(attributesSchema, {
    io: 'input',
    override: ({ jsonSchema }) => withoutNumberLimits(jsonSchema),
  });
  return {
    $schema,
    title: 'TikTokAdsIngestionComponent',
    description: 'A Dagster component that loads TikTok Ads into DuckDB, Snowflake, BigQuery, Postgres or Redshift.',
    type: 'object',
    required: ['type', 'attributes'],
    additionalProperties: false,
    properties: {
      type: { const: 'dagster_component_templates.TikTokAdsIngestionComponent', description: 'The component.' },
      attributes: { ...attributes, ...tokenUnlessSimulated },
      requirements: {
        type: 'object',
        description: 'What the component needs; `env` lists the environment variables that `dg list envs` shows.',
        properties: { env: { type: 'array', items: { type: 'string' } } },
      },
      template_vars_module: {
        type: ['string', 'null'],
        description: 'Python module whose functions can be used in {{ }} templates.',
      },
      post_processing: { type: ['object', 'null'], description: 'Changes to the definitions, as with every Dagster component.' },
    },
  };
}

const tokenUnlessSimulated = {
  if: { required: ['mode'], properties: { mode: { const: 'simulate' } } },
  else: { required: ['access_token'] },
};

/** zod bounds whole numbers by what JavaScript can hold; ids in YAML may be longer, and Python reads them whole. */
function withoutNumberLimits(schema: { minimum?: unknown; maximum?: unknown }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}
