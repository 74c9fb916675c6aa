import { attributes } from '../config/attributes.ts';
import { defaultText } from '../config/attributes-page.ts';
import { componentSchema } from '../config/component-schema.ts';
import type { FieldDefinition } from '../config/field-types.ts';
import { parseCommandLine } from './arguments.ts';
import { type CommandIo, styleFor, widthFor } from './io.ts';
import type { CommandPage } from './page.ts';
import { renderTable } from './table.ts';

const page = {
  name: 'schema',
  about: 'Prints the JSON Schema of a defs.yaml of this component, for editors and other tools.',
  words: 'none',
  synopsis: '[--table | --json]',
  options: {
    json: { kind: 'switch', description: 'the schema; this is the default' },
    table: { kind: 'switch', description: 'the attributes as a table for people' },
  },
  examples: [
    { line: 'tiktok-ads schema > component.yaml.schema.json', does: 'a file that an editor can check YAML against' },
    { line: 'tiktok-ads schema --table', does: 'each attribute with its default and meaning' },
  ],
  exits: { 0: 'it is printed', 2: 'there is a mistake on the command line' },
} as const satisfies CommandPage;

/** `tiktok-ads schema`: what YAML may hold. */
export async function schemaCommand(argv: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseCommandLine(page, argv, io);
  if (typeof parsed === 'number') return parsed;
  io.stdout(
    parsed.has('table') && !parsed.has('json') ? `${attributesTable(io)}\n` : `${JSON.stringify(componentSchema(), null, 2)}\n`,
  );
  return 0;
}

function attributesTable(io: CommandIo): string {
  const rows = Object.entries<FieldDefinition>(attributes).map(([name, definition]) => [
    name,
    defaultText(definition).replaceAll('`', ''),
    definition.description,
  ]);
  const columns = [{ title: 'ATTRIBUTE' }, { title: 'DEFAULT' }, { title: 'MEANING' }];
  return renderTable(columns, rows, { ...widthFor(io), title: styleFor(io).bold });
}
