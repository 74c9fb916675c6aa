import { pick } from './hash.ts';

/** Names as people write them, which is what breaks importers. */
const plain: readonly [string, ...string[]] = [
  'Spring',
  'Summer sale',
  'Prospecting',
  'Retargeting',
  'Always on',
  'Launch',
  'Black Friday',
  'Lookalike 1%',
];

const odd: readonly [string, ...string[]] = [
  'She said "now"',
  "O'Brien's shoes",
  'line one\nline two',
  'tab\there',
  'back\\slash',
  '🔥 hot 👩‍👩‍👧 deal',
  'مرحبا بالعالم',
  '日本語キャンペーン',
  'Größe; DROP TABLE campaigns; --',
  '{{ env.TOKEN }} ${HOME}',
  '50% off, 2 for 1 | a,b;c',
  ' leading and trailing ',
  'NULL',
  '-',
  '007',
  '<b>bold</b> & <script>',
  'e\u0301 combining, \u200bzero width',
  '=SUM(A1:A9)',
];

/** About one name in six is odd. */
export function nameOf(hash: number, kind: string, ordinal: number): string {
  const text = (hash & 7) === 0 || ordinal % 11 === 3 ? pick(hash >>> 3, odd) : pick(hash >>> 3, plain);
  return `${text} ${kind} ${ordinal + 1}`;
}
