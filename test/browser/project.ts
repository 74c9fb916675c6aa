import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanEnvironment, root, venvProgram } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/processes.mjs';

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

/** What a person types to add an asset. */
export async function scaffold(project: string, name: string): Promise<void> {
  const args = ['scaffold', 'defs', 'dagster_component_templates.TikTokAdsIngestionComponent', name, '--destination', 'duckdb'];
  const env = cleanEnvironment({ PYTHONPATH: join(project, 'src'), PYTHONWARNINGS: 'ignore' });
  const { code, output } = await run(venvProgram('dg'), args, { cwd: project, env, timeoutMs: 60_000 });
  if (code !== 0) throw new Error(`dg scaffold failed:\n${output}`);
}

async function define(defs: string, name: string, attributes: readonly string[]): Promise<void> {
  const lines = [`asset_name: ${name}`, 'resources: campaigns', 'destination: duckdb', ...attributes];
  const yaml = [
    'type: dagster_component_templates.TikTokAdsIngestionComponent',
    'attributes:',
    ...lines.map((line) => `  ${line}`),
  ];
  await mkdir(join(defs, name), { recursive: true });
  await writeFile(join(defs, name, 'defs.yaml'), `${yaml.join('\n')}\n`);
}
