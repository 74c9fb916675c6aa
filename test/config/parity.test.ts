import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributes } from '../../src/config/attributes.ts';
import { checkAttributes } from '../../src/config/config.ts';
import type { FieldDefinition } from '../../src/config/field-types.ts';
import { destinations } from '../../src/destinations/index.ts';
import { optionFacts } from '../../src/destinations/options.ts';
import { aliases } from '../../src/tiktok/aliases.ts';
import { dimensions } from '../../src/tiktok/dimensions.ts';
import { metrics } from '../../src/tiktok/metrics.ts';

const root = join(import.meta.dirname, '../..');

/** Loads the validation without the package around it, as nothing of Dagster is needed, and checks one JSON list of attributes. */
const program = `
import importlib, json, sys, types
package = types.ModuleType('shim'); package.__path__ = [sys.argv[1]]; sys.modules['shim'] = package
validation = importlib.import_module('shim._validation')
for given in json.load(sys.stdin):
    issues = [{k: v for k, v in vars(issue).items() if v is not None} for issue in validation.check_all(given)]
    print(json.dumps(issues))
`;

/** Right and nearly right words, and anything else. */
function anyValue(definition: FieldDefinition): fc.Arbitrary<unknown> {
  const examples = [...(definition.examples ?? []), ...(definition.choices ?? []), definition.default].filter(
    (value) => value !== undefined,
  );
  const names = [...metrics.keys(), ...dimensions.keys(), 'conversions', 'cost', 'conversion_value'];
  const word = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
  );
  const words = fc.array(word, { maxLength: 4 });
  const entries = definition.fields === undefined ? fc.constant([]) : fc.array(mappingOf(definition.fields), { maxLength: 3 });
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...examples, null) },
    {
      weight: 2,
      arbitrary:
        definition.kind === 'words'
          ? fc.oneof(
              words,
              words.map((list) => list.join(',')),
            )
          : fc.constant(null),
    },
    { weight: 2, arbitrary: entries.map((list) => (list.length === 0 ? null : list)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '${VAR}',
        '{{ env.VAR }}',
        '',
        ' ',
        'a,b',
        '2024-01-01',
        '2024-13-01',
        '1',
        'true',
        '{"a": "b"}',
        '[1, "2"]',
      ),
    },
    {
      weight: 1,
      arbitrary: fc.oneof(
        fc.integer(),
        fc.boolean(),
        fc.string({ maxLength: 100 }),
        fc.jsonValue({ maxDepth: 2, noUnicodeString: true }),
      ),
    },
  );
}

function mappingOf(fields: Readonly<Record<string, FieldDefinition>>): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const values = Object.fromEntries(Object.entries(fields).map(([name, definition]) => [name, anyValue(definition)]));
  const unknown = fc.dictionary(fc.string({ maxLength: 10 }), fc.integer(), { maxKeys: 1 });
  return fc.tuple(fc.record(values, { requiredKeys: [] }), unknown).map(([known, more]) => ({ ...more, ...known }));
}

/** Reports of right shape with metrics and dimensions from the whole catalogue, legal together or not. */
function reportOf(): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  return fc.record(
    {
      report_type: fc.constantFrom(...attributes.report_type.choices),
      data_level: fc.constantFrom(...attributes.data_level.choices),
      time_granularity: fc.constantFrom(...attributes.time_granularity.choices),
      metrics: fc.array(fc.constantFrom(...metrics.keys(), ...aliases.keys(), 'conversons', 'spendings'), { maxLength: 12 }),
      dimensions: fc.array(fc.constantFrom(...dimensions.keys(), 'contry_code'), { maxLength: 3 }),
    },
    { requiredKeys: [] },
  );
}

/** Options of any destination, right and wrong, for the one that is asked or for another. */
function optionsOf(): fc.Arbitrary<unknown> {
  const names = destinations.flatMap((each) => [...Object.keys(optionFacts(each)), ...Object.keys(each.otherNames)]);
  const name = fc.oneof(fc.constantFrom(...names, 'credentials'), fc.string({ maxLength: 8 }));
  const value = fc.oneof(
    fc.constantFrom('5', 'x', '', '${VAR}', '{{ env.VAR }}', 'require', '1_0', ' 7 ', null, true, 0, -1, 5.5, 1e30),
    fc.jsonValue({ maxDepth: 1, noUnicodeString: true }),
  );
  return fc.dictionary(name, fc.oneof(value, fc.dictionary(name, value, { maxKeys: 4 })), { maxKeys: 5 });
}

describe('Python and TypeScript', () => {
  it.each([
    ['anything', () => mappingOf(attributes)],
    [
      'any report',
      () => fc.record({ mode: fc.constant('simulate'), asset_name: fc.constant('ads'), reports: fc.array(reportOf()) }),
    ],
    [
      'any options of a destination',
      () => {
        const destination = fc.constantFrom(...destinations.map(({ name }) => name));
        const fixed = { mode: fc.constant('simulate'), asset_name: fc.constant('ads') };
        return fc.record({ ...fixed, destination, destination_config: optionsOf() });
      },
    ],
  ])('say the same of %s', (_, arbitrary) => {
    const seed = Date.now();
    const given = fc.sample<unknown>(arbitrary(), { seed, numRuns: 300 });
    // Python reads longer whole numbers exactly, JavaScript cannot: there they differ on purpose.
    const input = JSON.stringify(given, (_key, value: unknown) =>
      Number.isInteger(value) && !Number.isSafeInteger(value) ? 7 : value,
    );
    const folder = join(root, 'python_shim/dagster_component_templates');
    const python = spawnSync(join(root, '.venv/bin/python'), ['-c', program, folder], {
      input,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      timeout: 60_000,
    });
    expect(python.stderr).toBe('');
    const lines = python.stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(given.length);
    (JSON.parse(input) as readonly unknown[]).forEach((one, index) => {
      const told: unknown = JSON.parse(lines[index] ?? '');
      expect(told, `seed ${seed}: ${JSON.stringify(one)}`).toEqual(checkAttributes(one));
    });
  });
});
