import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../scripts/lib/paths.mjs';

/** Accounts of their own for what goes wrong, so that tests do not disturb each other. */
export const hangingAccount = '5555555555';
export const revokedToken = 'revoked-access-token';

/** A dg project as users have it: two of the examples as they are, and two assets that go wrong. Gives its folder. */
export async function makeProject(folder: string): Promise<{ readonly project: string; readonly home: string }> {
  const template = join(root, 'scripts', 'demo');
  const project = join(folder, 'project');
  const home = join(folder, 'dagster_home');
  await cp(join(template, 'project'), project, { recursive: true });
  await cp(join(template, 'dagster_home'), home, { recursive: true });
  const defs = join(project, 'src', 'tiktok_ads_demo', 'defs');
  for (const name of ['basic', 'daily_partitioned']) {
    await mkdir(join(defs, name), { recursive: true });
    await cp(join(root, 'defs_examples', `${name}.yaml`), join(defs, name, 'defs.yaml'));
  }
  await define(defs, 'hanging', [`advertiser_ids: "${hangingAccount}"`, 'access_token: "${TIKTOK_ACCESS_TOKEN}"']);
  await define(defs, 'revoked', ['advertiser_ids: "1234567890"', 'access_token: "${REVOKED_ACCESS_TOKEN}"']);
  return { project, home };
}

async function define(defs: string, name: string, attributes: readonly string[]): Promise<void> {
  const lines = [`asset_name: ${name}`, 'resources: campaigns', 'destination: duckdb', ...attributes];
  const yaml = ['type: dagster_component_templates.TikTokAdsIngestionComponent', 'attributes:', ...lines.map((line) => `  ${line}`)];
  await mkdir(join(defs, name), { recursive: true });
  await writeFile(join(defs, name, 'defs.yaml'), `${yaml.join('\n')}\n`);
}
