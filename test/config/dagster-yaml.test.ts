import { describe, expect, it } from 'vitest';
import { checkComponentFile, readComponentFile } from '../../src/config/component-file.ts';
import { expand } from '../../src/config/references.ts';

function read(line: string) {
  return readComponentFile(`type: dagster_component_templates.TikTokAdsIngestionComponent\nattributes:\n  value: ${line}\n`);
}

describe('readComponentFile', () => {
  it.each([
    ['on', true],
    ['No', false],
    ['y', 'y'],
    ['017', 15],
    ['0o17', '0o17'],
    ['08', '08'],
    ['-0x1F', -31],
    ['1_000', 1000],
    ['12:30', 750],
    ['1e9', '1e9'],
    ['1.5e+3', 1500],
    ['2024-01-01', '2024-01-01'],
    ['7123456789012345678', '7123456789012345678'],
    ['~', null],
  ])('reads %s as Dagster does', (text, value) => {
    expect(read(text).components[0]?.attributes).toEqual({ value });
  });

  it.each([
    ['*nope', '*nope has no anchor &nope before it'],
    ['&a [*a]', '*a holds itself'],
    ['!!python/name:os.system x', 'Unresolved tag: tag:yaml.org,2002:python/name:os.system'],
  ])('says where %s is wrong instead of failing', (text, message) => {
    const file = read(text);
    expect(checkComponentFile(file, null, '/')).toMatchObject([{ line: 3, path: 'yaml', message }]);
  });
});

describe('expand', () => {
  it.each([
    ['${A:-{"b": {"c": 1}}}', {}, '{"b": {"c": 1}}'],
    ['${A:-{"b": 1}}', { A: 'set' }, 'set'],
    ['${A:-${B:-c}}', {}, 'c'],
    ['${A:-${B}}', { B: 'b' }, 'b'],
    ['${A:-x{y}', {}, 'x{y'],
  ])('resolves %s', (text, environment, resolved) => {
    expect(expand(text, environment)).toEqual({ kind: 'resolved', text: resolved });
  });

  it('names a variable that only a default needs', () => {
    expect(expand('${A:-${B}}', {})).toEqual({ kind: 'missing', names: ['B'] });
  });

  it.each(['${A-B}', '${A', '{{ evn.A }}'])('sends %s nowhere', (text) => {
    expect(expand(text, { A: 'a' }).kind).toBe('malformed');
  });
});
