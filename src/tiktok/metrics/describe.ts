import { eventNouns } from './event-nouns.ts';

/**
 * What a metric is, told from its name: the API names its events regularly (`cost_per_X`, `X_rate`, `value_per_X`, `total_X_value` …).
 * Names that mislead have a description of their own in their row. A count of people is not told apart by its own name, but by others'.
 */
export function describeMetric(name: string, isCountOfPeople = false): string {
  const stem = name.replace(/^skan_/, '');
  const [, event = stem, calendar, day] = /^(.*?)(_calendar)?_(?:day|d)(\d+)$/.exec(stem) ?? [];
  const until = day === undefined ? '' : `, up to ${calendar ? 'calendar ' : ''}day ${day}`;
  const source = name === stem ? '' : ', as Apple reports it through SKAdNetwork';
  return `${phraseOf(event, isCountOfPeople)}${until}${source}.`;
}

interface EventName {
  readonly one: string;
  readonly many: string;
}

/** The first pattern found in a name tells what is measured; the rest of the name is the event. */
const patterns: readonly { readonly pattern: RegExp; readonly phrase: (event: EventName) => string }[] = [
  { pattern: /_roas$/, phrase: ({ many }) => `Return on ad spend: value of ${many} divided by spend` },
  { pattern: /(^|_)cost_(per_unique|per_total|per|pre|total)(?=_)/, phrase: ({ one }) => `Average cost per ${one}` },
  { pattern: /(^|_)value_per(_total)?(?=_)/, phrase: ({ one }) => `Average value per ${one}` },
  { pattern: /_(rate|per_click)(?=_|$)/, phrase: ({ many }) => `Rate of ${many}, in percent` },
  { pattern: /_(value|revenue)$/, phrase: ({ many }) => `Total value of ${many}` },
  { pattern: /(^|_)unique(?=_)/, phrase: ({ one }) => `People with at least one ${one}` },
];

function phraseOf(stem: string, isCountOfPeople: boolean): string {
  const found = patterns.find(({ pattern }) => pattern.test(stem));
  if (!found) return isCountOfPeople ? `People with at least one ${eventOf(stem).one}` : `Number of ${eventOf(stem).many}`;
  return found.phrase(eventOf(stem.replace(found.pattern, '')));
}

/** Parts of a name that say where an event happened, or after what. The longer ones come first. */
const circumstances: readonly (readonly [string, string])[] = [
  ['native_growth', 'in TikTok Minis'],
  ['onsite_on_web', 'in TikTok Shop'],
  ['on_web', 'on the website'],
  ['web_event', 'on the website'],
  ['website', 'on the website'],
  ['onsite', 'on TikTok'],
  ['offline', 'offline'],
  ['vta', 'after an ad was seen but not clicked'],
  ['evta', 'after an ad was watched but not clicked'],
  ['cta', 'after an ad was clicked'],
  ['messaging', ''],
];

const spelledOut: Readonly<Record<string, string>> = {
  impr: 'impression',
  ix: 'instant page',
  crm: 'CRM',
  gamerole: 'game role',
  p25: 'to a quarter',
  p50: 'to the half',
  p75: 'to three quarters',
  p100: 'to the end',
};

function eventOf(stem: string): EventName {
  const found = circumstances.filter(([key]) => `_${stem}_`.includes(`_${key}_`));
  const rest = found.reduce((text, [key]) => text.replace(`_${key}_`, '_'), `_${stem}_`);
  const words = rest.split('_').filter((word) => word !== '' && word !== 'total' && word !== 'count');
  const event = words.map((word) => spelledOut[word] ?? word).join(' ');
  // `onsite_on_web` holds `on_web` too: the first, longer one tells.
  const [circumstance] = found;
  const suffix = circumstance?.[1] ? ` ${circumstance[1]}` : '';
  const [one, many] = eventNouns[event] ?? [event.replace(/events$/, 'event'), /s$| to /.test(event) ? event : `${event}s`];
  return { one: `${one}${suffix}`, many: `${many}${suffix}` };
}
