import type { DocumentOptions, ParseOptions, ScalarTag, SchemaOptions } from 'yaml';

const truths = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;

/**
 * How Dagster reads a plain YAML scalar: by YAML 1.1, as PyYAML's safe loader has it, except that dates stay texts. So `on` is true,
 * `017` is 15, `12:30` is 750 and `1e9` is a text. Whole numbers are bigints: an id must not lose a digit.
 */
const scalars: readonly ScalarTag[] = [
  {
    tag: 'tag:yaml.org,2002:null',
    default: true,
    test: /^(?:~|null|Null|NULL)?$/,
    resolve: () => null,
  },
  {
    tag: 'tag:yaml.org,2002:bool',
    default: true,
    test: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
    resolve: (text) => truths.test(text),
  },
  {
    tag: 'tag:yaml.org,2002:float',
    default: true,
    test: /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
    resolve: (text) => decimalNumber(text),
  },
  {
    tag: 'tag:yaml.org,2002:int',
    default: true,
    test: /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
    resolve: (text) => wholeNumber(text),
  },
];

/** Options for `parseAllDocuments`, to read what Dagster reads. */
export const dagsterYaml: ParseOptions & DocumentOptions & SchemaOptions = {
  schema: 'failsafe',
  customTags: [...scalars],
  merge: true,
};

function decimalNumber(text: string): number {
  const plain = text.replaceAll('_', '').toLowerCase();
  if (plain.endsWith('.inf')) return plain.startsWith('-') ? -Infinity : Infinity;
  if (plain === '.nan') return NaN;
  const negative = plain.startsWith('-');
  const size = plain
    .replace(/^[-+]/, '')
    .split(':')
    .reduce((sum, part) => sum * 60 + Number(part), 0);
  return negative ? -size : size;
}

function wholeNumber(text: string): bigint {
  const plain = text.replaceAll('_', '').toLowerCase();
  const digits = plain.replace(/^[-+]/, '');
  const octal = /^0[0-7]+$/.test(digits);
  const size = digits.split(':').reduce((sum, part) => sum * 60n + BigInt(octal ? `0o${part}` : part), 0n);
  return plain.startsWith('-') ? -size : size;
}
