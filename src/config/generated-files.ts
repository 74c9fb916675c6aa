import { attributesPage } from './attributes-page.ts';
import { componentSchema } from './component-schema.ts';
import { rulesJson } from './rules-json.ts';

const shim = 'python_shim/dagster_component_templates/_generated';

/** Every generated file of the repository: its path from the root, and the text it must have. */
export function generatedFiles(): Readonly<Record<string, string>> {
  return {
    'component.yaml.schema.json': json(componentSchema()),
    [`${shim}/rules.json`]: json(rulesJson()),
    'docs/attributes.md': attributesPage(),
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
