import { attributeText } from './attributes.ts';
import { type ByteWriter, createByteWriter } from './byte-writer.ts';
import { atoms } from './cells.ts';
import { dayText } from './days.ts';
import { type IdKind, idPrefix, idTail } from './ids.ts';
import type { MetricFormula } from './metric-plan.ts';
import { numberFor, type Row, type Section } from './report-section.ts';

/** Writes rows of a section as JSON. */
export interface RowWriter {
  readonly write: (writer: ByteWriter, row: Row) => void;
}

/** Room for one row; names are at most a few hundred bytes. */
const bytesPerValue = 256;

/* Arrays here are only read within their bounds, hence `as`. */

type Column = (writer: ByteWriter, row: Row) => void;

export function createRowWriter(section: Section, multipleAdvertisers: boolean): RowWriter {
  const { query, plan } = section;
  const dimensions = query.dimensions.flatMap((name) => dimensionColumns(section, name));
  const names = multipleAdvertisers ? [...new Set([...query.metrics, 'currency', 'timezone', 'advertiser_id'])] : query.metrics;
  const metrics = names.map((name, index) => ({
    name,
    column: metricColumn(section, plan.formulas[index] ?? { kind: 'attribute', name }, multipleAdvertisers),
  }));
  const columns: Column[] = [];
  const texts: Buffer[] = [];
  for (const [index, { name, column }] of dimensions.entries()) {
    texts.push(Buffer.from(`${index === 0 ? '{"dimensions":{' : '",'}"${name}":"`));
    columns.push(column);
  }
  for (const [index, { name, column }] of metrics.entries()) {
    texts.push(Buffer.from(`${index === 0 ? '"},"metrics":{' : '",'}"${name}":"`));
    columns.push(column);
  }
  const end = Buffer.from(metrics.length === 0 ? '"},"metrics":{}}' : '"}}');

  function write(writer: ByteWriter, row: Row): void {
    section.sum(row);
    writer.reserve(columns.length * bytesPerValue);
    for (let i = 0; i < columns.length; i += 1) {
      writer.bytes(texts[i] as Buffer);
      (columns[i] as Column)(writer, row);
    }
    writer.bytes(end);
  }

  return { write };
}

export interface RowRange {
  /** Rows of all sections together, the last excluded. */
  readonly from: number;
  readonly to: number;
  /** Texts around the list. */
  readonly before: string;
  readonly after: string;
  /** Money has no decimals then, and each row says whose it is. */
  readonly multipleAdvertisers: boolean;
}

/** Writes rows as JSON, with commas between them. */
export function writeRows(sections: readonly Section[], range: RowRange): Buffer {
  const before = Buffer.from(range.before);
  const writer = createByteWriter(4096 + before.length + (range.to - range.from) * 512);
  writer.bytes(before);
  let passed = 0;
  let isFirst = true;
  const comma = Buffer.from(',');
  for (const section of sections) {
    const rows = createRowWriter(section, range.multipleAdvertisers);
    const from = Math.max(0, range.from - passed);
    const to = Math.min(section.codes.length, range.to - passed);
    for (let index = from; index < to; index += 1) {
      writer.reserve(64);
      if (!isFirst) writer.bytes(comma);
      isFirst = false;
      rows.write(writer, section.rowAt(section.codes[index] as number));
    }
    passed += section.codes.length;
  }
  const tail = Buffer.from(range.after);
  writer.reserve(tail.length);
  writer.bytes(tail);
  return writer.finish();
}

function dimensionColumns(section: Section, name: string): readonly { readonly name: string; readonly column: Column }[] {
  const { account, groups, breakdown, days } = section;
  if (name === 'advertiser_id') {
    const id = Buffer.from(account.id);
    return [{ name, column: (writer) => writer.bytes(id) }];
  }
  const kind = idKinds[name];
  if (kind !== undefined) {
    const prefix = Buffer.from(idPrefix(account, kind));
    const { ordinals } = groups;
    return [
      {
        name,
        column: (writer, row) => {
          writer.bytes(prefix);
          writer.padded(idTail(ordinals[row.group] as number), 9);
        },
      },
    ];
  }
  if (name === 'stat_time_day') {
    const texts = dayTexts(days, ' 00:00:00');
    return [{ name, column: (writer, row) => writer.bytes(texts[row.day - days.start] as Buffer) }];
  }
  if (name === 'stat_time_hour') {
    const texts = dayTexts(days, ' ');
    const end = Buffer.from(':00:00');
    return [
      {
        name,
        column: (writer, row) => {
          writer.bytes(texts[row.day - days.start] as Buffer);
          writer.padded(row.hour, 2);
          writer.bytes(end);
        },
      },
    ];
  }
  const place = breakdown?.dimensions.indexOf(name) ?? -1;
  const values = (breakdown?.cells ?? []).map((cell) => escaped(cell[place] ?? '-'));
  const column: Column = (writer, row) => writer.bytes(values[row.breakdown] as Buffer);
  return name.startsWith('interest_category')
    ? [
        { name, column },
        { name: 'interest_category_v2', column },
      ]
    : [{ name, column }];
}

const idKinds: Readonly<Record<string, IdKind>> = {
  campaign_id: 'campaign',
  adgroup_id: 'adgroup',
  ad_id: 'ad',
  ad_id_v2: 'ad_v2',
  playable_id: 'playable',
};

function dayTexts(days: { readonly start: number; readonly end: number }, after: string): readonly Buffer[] {
  return Array.from({ length: Math.max(0, days.end - days.start + 1) }, (_, index) =>
    Buffer.from(dayText(days.start + index) + after),
  );
}

const dash = Buffer.from('-');
/** Search terms do not tell small numbers of impressions. */
const fewerThanFive = Buffer.from('<5');

function metricColumn(section: Section, formula: MetricFormula, multipleAdvertisers: boolean): Column {
  const { minorDigits } = section.account.profile;
  const { sums } = section.cells;
  const minor = 10 ** minorDigits;
  const hasId = section.query.idDimension !== null;
  switch (formula.kind) {
    case 'count': {
      const { atom } = formula;
      if (atom !== atoms.impressions || !section.query.breakdowns.includes('search_terms')) {
        return (writer) => writer.integer(sums[atom] as number);
      }
      return (writer) => ((sums[atom] as number) < 5 ? writer.bytes(fewerThanFive) : writer.integer(sums[atom] as number));
    }
    case 'unique':
      return (writer) => writer.integer(numberFor(formula, section));
    case 'money': {
      const { atom } = formula;
      if (multipleAdvertisers)
        return hasId ? (writer) => writer.integer(Math.round((sums[atom] as number) / minor)) : (writer) => writer.bytes(dash);
      return (writer) => writer.fixed(sums[atom] as number, minorDigits);
    }
    case 'ratio': {
      const decimals = formula.money && minorDigits === 0 ? 0 : formula.decimals;
      const unit = 10 ** decimals / (formula.money ? minor : 1);
      if (formula.money && multipleAdvertisers && !hasId) return (writer) => writer.bytes(dash);
      return (writer) => writer.fixed(Math.round(numberFor(formula, section) * unit), decimals);
    }
    case 'attribute':
      return attributeColumn(section, formula.name, multipleAdvertisers);
    case 'unavailable':
      return (writer) => writer.bytes(dash);
  }
}

function attributeColumn(section: Section, name: string, multipleAdvertisers: boolean): Column {
  if (multipleAdvertisers && section.query.idDimension === null) {
    const zero = Buffer.from('0');
    return (writer) => writer.bytes(zero);
  }
  const { ordinals } = section.groups;
  const remembered = new Map<number, Buffer>();
  return (writer, row) => {
    const ordinal = ordinals[row.group] ?? 0;
    let text = remembered.get(ordinal);
    if (text === undefined) {
      text = escaped(attributeText(section.account, section.groups.kind, ordinal, name));
      remembered.set(ordinal, text);
    }
    writer.reserve(text.length + 16_384);
    writer.bytes(text);
  };
}

/** JSON text of a string, without its quotes. */
function escaped(text: string): Buffer {
  return Buffer.from(JSON.stringify(text).slice(1, -1));
}
