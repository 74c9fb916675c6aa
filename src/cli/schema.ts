import { attributes } from '../config/attributes.ts';
import { defaultText } from '../config/attributes-page.ts';
import { componentSchema } from '../config/component-schema.ts';
import type { FieldDefinition } from '../config/field-types.ts';
import { exitConfigError, parseCommandLine } from './arguments.ts';
import { type CommandIo, styleFor } from './io.ts';
import { renderTable } from './table.ts';

const usage = `Usage: tiktok-ads schema [--table | --json]

Prints the JSON Schema of a defs.yaml of this component, for editors and other tools.

  --json   the schema (the default)
  --table  the attributes as a table for people

Examples:
  tiktok-ads schema > component.yaml.schema.json
  tiktok-ads schema --table`;

/** `tiktok-ads schema`: what YAML may hold. */
export async function schemaCommand(argv: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseCommandLine(argv, { json: { type: 'boolean' }, table: { type: 'boolean' } }, io, usage);
  if (parsed === null) return exitConfigError;
  if (parsed.values['help'] === true) io.stdout(`${usage}\n`);
  else if (parsed.values['table'] === true) io.stdout(`${attributesTable(io)}\n`);
  else io.stdout(`${JSON.stringify(componentSchema(), null, 2)}\n`);
  return 0;
}

function attributesTable(io: CommandIo): string {
  const rows = Object.entries<FieldDefinition>(attributes).map(([name, definition]) => [
    name,
    defaultText(definition).replaceAll('`', ''),
    definition.description,
  ]);
  const columns = [{ title: 'ATTRIBUTE' }, { title: 'DEFAULT' }, { title: 'MEANING' }];
  const width = io.isTty ? { widthMax: Number(io.env['COLUMNS']) || 120 } : {};
  return renderTable(columns, rows, { ...width, title: styleFor(io).bold });
}
