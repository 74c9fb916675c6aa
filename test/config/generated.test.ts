import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { attributes } from '../../src/config/attributes.ts';
import { attributesSchema } from '../../src/config/attributes-schema.ts';
import { containerComputes } from '../../src/config/choices.ts';
import { checkAttributes } from '../../src/config/config.ts';
import type { FieldDefinition } from '../../src/config/field-types.ts';
import { generatedFiles } from '../../src/config/generated-files.ts';

const root = join(import.meta.dirname, '../..');

/** What existing users of the component have in their YAML: it has to load unchanged. */
const usersOwn = {
  'basic.yaml': {
    asset_name: 'tiktok_ads_data',
    access_token: '${TIKTOK_ACCESS_TOKEN}',
    advertiser_ids: '1234567890,9876543210',
    resources: 'campaigns,reports',
    destination: 'duckdb',
  },
  'custom_reports.yaml': {
    asset_name: 'tiktok_ads_performance',
    access_token: '${TIKTOK_ACCESS_TOKEN}',
    advertiser_ids: '1234567890,9876543210,5555555555',
    app_id: '${TIKTOK_APP_ID}',
    secret: '${TIKTOK_SECRET}',
    resources: 'advertisers,campaigns,ad_groups,ads,reports',
    start_date: '2024-01-01',
    end_date: '2024-12-31',
    report_type: 'BASIC',
    data_level: 'AUCTION_AD',
    metrics: 'spend,impressions,clicks,conversions,video_play_actions,video_watched_6s',
    destination: 'snowflake',
    destination_config: '{"credentials": "snowflake://user:pass@account/db/schema"}',
    group_name: 'marketing_analytics',
  },
  'video_analytics.yaml': {
    asset_name: 'tiktok_video_analytics',
    access_token: '${TIKTOK_ACCESS_TOKEN}',
    advertiser_ids: '1234567890',
    resources: 'campaigns,ads,videos,reports',
    start_date: '2024-10-01',
    end_date: '2024-12-31',
    report_type: 'BASIC',
    data_level: 'AUCTION_AD',
    metrics:
      'video_play_actions,video_watched_2s,video_watched_6s,average_video_play,average_video_play_per_user,video_views_p25,video_views_p50,video_views_p75,video_views_p100',
    destination: 'bigquery',
  },
};

describe('generated files', () => {
  it.each(Object.entries(generatedFiles()))('%s is what `npm run update` writes', (path, text) => {
    expect(readFileSync(join(root, path), 'utf8') === text, `${path} is stale: run \`npm run update\``).toBe(true);
  });
});

describe('the component schema', () => {
  it('accepts what the rules accept, and refuses what has a wrong shape', () => {
    const least = { asset_name: 'ads', access_token: '${TOKEN}', advertiser_ids: '1' };
    const right = [
      least,
      { ...least, advertiser_ids: [1, '2'] },
      { ...least, restate_days: '${DAYS}' },
      { ...least, checks: 'no' },
    ];
    for (const given of right) expect([checkAttributes(given), attributesSchema.safeParse(given).success]).toEqual([[], true]);
    const wrong = [
      { ...least, advertizer_ids: 1 },
      { ...least, destination: 'mysql' },
      { ...least, dataset_name: 'a-b' },
      { access_token: 'x' },
    ];
    for (const given of wrong)
      expect([checkAttributes(given).length > 0, attributesSchema.safeParse(given).success]).toEqual([true, false]);
  });

  it('documents every attribute with an example that is right', () => {
    for (const [name, definition] of Object.entries<FieldDefinition>(attributes)) {
      expect(definition.description.length, name).toBeGreaterThan(10);
      for (const example of definition.examples ?? []) {
        expect(
          checkAttributes({ [name]: example }).filter(
            ({ path, message }) => path.startsWith(name) && message.includes(' is not '),
          ),
          name,
        ).toEqual([]);
      }
      expect(definition.examples?.length, name).toBeGreaterThan(0);
    }
  });
});

describe('the examples in defs_examples', () => {
  const names = readdirSync(join(root, 'defs_examples')).filter((name) => name.endsWith('.yaml'));

  it('are at least one per destination, and those the documentation names', () => {
    const expected = [
      'basic',
      'custom_reports',
      'video_analytics',
      'daily_partitioned',
      'named_reports',
      ...attributes.destination.choices,
      ...containerComputes.map((compute) => `compute_${compute}`),
    ];
    expect(names.toSorted()).toEqual(expected.map((name) => `${name}.yaml`).toSorted());
  });

  it.each(names)('%s is right, and begins with what it teaches', (name) => {
    const text = readFileSync(join(root, 'defs_examples', name), 'utf8');
    const document: unknown = parseDocument(text).toJS();
    expect(document).toMatchObject({ type: 'dagster_component_templates.TikTokAdsIngestionComponent' });
    const given = (document as { readonly attributes: unknown }).attributes; // toMatchObject has just shown that it is an object.
    expect(checkAttributes(given)).toEqual([]);
    expect(attributesSchema.safeParse(given).success).toBe(true);
    expect(text.startsWith('# ')).toBe(true);
  });

  it.each(Object.entries(usersOwn))('%s has the attributes users have today, as they have them', (name, given) => {
    const document = parseDocument(readFileSync(join(root, 'defs_examples', name), 'utf8'));
    expect(document.getIn(['attributes'], true)).toBeDefined();
    expect((document.toJS() as { readonly attributes: unknown }).attributes).toEqual(given); // The line above shows that it is there.
  });
});
