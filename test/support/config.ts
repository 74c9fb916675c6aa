import { type Config, parseConfig } from '../../src/config/config.ts';

/** A configuration with the attributes that every one needs. */
export function testConfig(attributes: Readonly<Record<string, unknown>> = {}): Config {
  return parseConfig({ asset_name: 'ads', access_token: 'canary-token', advertiser_ids: '7000000000001', ...attributes }, {});
}
