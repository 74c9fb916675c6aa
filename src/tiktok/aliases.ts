/** Another name under which users may ask for metrics; it becomes a column of its own. */
export interface Alias {
  readonly name: string;
  /** copy: the one metric's value · sum: the sum of those metrics that the report can have, NULL counting as 0 unless all are NULL. */
  readonly kind: 'copy' | 'sum';
  /** Names of the API. */
  readonly metrics: readonly string[];
  readonly description: string;
}

const rows = [
  ['conversions', 'copy', ['conversion'], 'Conversions, under the name most tools use.'],
  ['cost', 'copy', ['spend'], 'Money spent, under the name most tools use.'],
  ['results', 'copy', ['result'], 'Results, under the name most tools use.'],
  ['video_views', 'copy', ['video_play_actions'], 'Plays of the videos, under the name most tools use.'],
  ['landing_page_views', 'copy', ['total_landing_page_view'], 'Landing page views, under the name most tools use.'],
  ['purchases', 'sum', ['complete_payment', 'total_purchase'], 'Purchases on the website and in the app.'],
  [
    'conversion_value',
    'sum',
    ['total_complete_payment_rate', 'total_purchase_value'],
    'Value of the purchases on the website and in the app, in the currency of the account.',
  ],
  [
    'purchase_value',
    'sum',
    ['total_complete_payment_rate', 'total_purchase_value', 'total_onsite_shopping_value'],
    'Value of the purchases on the website, in the app and in TikTok Shop, in the currency of the account.',
  ],
] as const satisfies readonly (readonly [string, Alias['kind'], readonly string[], string])[];

/** Every alias by name. Names of the API itself, such as `conversion_rate`, need none. */
export const aliases: ReadonlyMap<string, Alias> = new Map(
  rows.map(([name, kind, metrics, description]) => [name, { name, kind, metrics, description }]),
);
