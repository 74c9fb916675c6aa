// Prints random messages that the client accepts, one line each: `node random-messages-program.ts SEED COUNT`. Dagster's reader has to accept them all.
import process from 'node:process';
import fc from 'fast-check';
import { DagsterPipesError } from '../../src/pipes/errors.ts';
import { toPipesException } from '../../src/pipes/exception.ts';
import { PipesFloat } from '../../src/pipes/json.ts';
import { encodeMessage, type PipesMessage } from '../../src/pipes/protocol.ts';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'a/b', 'WARN', 'error', '2024-01-01', '\ud800', 'int'),
);
const cell = fc.oneof(
  text,
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
  fc.double().map((value) => new PipesFloat(value)),
);
const anything = fc.oneof(cell, fc.jsonValue(), fc.array(cell), fc.dictionary(text, cell), fc.date(), fc.constant(undefined));

const column = fc.record(
  {
    name: text,
    type: text,
    description: fc.oneof(text, fc.constant(null)),
    tags: fc.oneof(fc.dictionary(text, text), anything),
    constraints: fc.oneof(
      fc.record({ nullable: fc.boolean(), unique: fc.boolean(), other: fc.array(text) }, { requiredKeys: [] }),
      fc.constant(null),
      fc.dictionary(fc.constantFrom('nullable', 'unique', 'other', 'more'), anything),
    ),
  },
  { requiredKeys: ['name', 'type'] },
);
const rows = fc.array(fc.record({ a: cell, b: fc.oneof(cell, anything) }, { requiredKeys: ['a'] }), { maxLength: 3 });
const dependency = fc.record({ asset_key: text, column_name: fc.oneof(text, anything) });
const values = fc.oneof(
  anything,
  fc.record({ records: rows, schema: fc.array(column, { maxLength: 3 }) }),
  fc.record({ columns: fc.array(column, { maxLength: 3 }) }),
  fc.record({ deps_by_column: fc.dictionary(text, fc.array(dependency, { maxLength: 2 })) }),
);
const types = [
  '__infer__',
  'text',
  'url',
  'path',
  'notebook',
  'md',
  'dagster_run',
  'asset',
  'json',
  'int',
  'float',
  'bool',
  'null',
  'timestamp',
  'table',
  'table_schema',
  'table_column_lineage',
  'job',
];
const metadata = fc.oneof(
  fc.dictionary(text, fc.oneof(anything, fc.record({ type: fc.constantFrom(...types), raw_value: values })), { maxKeys: 1 }),
  fc.constant(null),
);
const severity = fc.constantFrom('WARN', 'ERROR', 'error');
const dataVersion = fc.oneof(text, fc.constant(null));
const level = fc.oneof(fc.constantFrom('debug', 'Info', 'WARNING', 'warn', 'ERROR', 'critical', 'FATAL'), text);

const messages = fc.oneof(
  fc.record({ method: fc.constant('log'), params: fc.record({ message: text, level }) }),
  fc.record({
    method: fc.constant('report_asset_materialization'),
    params: fc.record({ asset_key: text, metadata, data_version: dataVersion }),
  }),
  fc.record({
    method: fc.constant('report_asset_check'),
    params: fc.record({ asset_key: text, check_name: text, passed: fc.boolean(), severity, metadata }),
  }),
  fc.record({ method: fc.constant('report_custom_message'), params: fc.record({ payload: anything }) }),
  fc.record({
    method: fc.constant('log_external_stream'),
    params: fc.record({ stream: fc.constantFrom('stdout', 'stderr', 'stdin'), text, extras: fc.dictionary(text, cell) }),
  }),
  fc.record({ method: fc.constant('closed'), params: fc.record({ exception: anything.map(toPipesException) }) }),
);

const [seed, count] = process.argv.slice(2).map(Number);
for (const message of fc.sample(messages, { seed: seed ?? 1, numRuns: count ?? 100 })) {
  const line = accepted(message as unknown as PipesMessage); // a message as a careless caller makes it
  if (line !== undefined) process.stdout.write(`${line}\n`);
}

function accepted(message: PipesMessage): string | undefined {
  try {
    return encodeMessage(message);
  } catch (error) {
    if (error instanceof DagsterPipesError) return undefined;
    throw error;
  }
}
