import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { readComponentFile } from '../config/component-file.ts';
import { type Config, parseConfig } from '../config/config.ts';
import { formatIssues, issueList } from '../config/format-issues.ts';
import { ConfigError } from '../errors.ts';
import type { CommandIo } from './io.ts';

export interface LoadedConfig {
  readonly config: Config;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/**
 * The configuration of one component of a defs.yaml. `asset` chooses among several by asset_name; what is `given` on the command line goes over the attributes.
 * `needsToken` false fills in what is only needed to call TikTok, `needsSource` false what is only needed to know the accounts too. Throws ConfigError with all mistakes.
 */
export function loadConfig(
  path: string,
  io: Pick<CommandIo, 'cwd' | 'env'>,
  options: {
    readonly asset?: string | undefined;
    readonly given?: Readonly<Partial<Record<keyof typeof optionOf, string | undefined>>>;
    readonly needsToken?: boolean;
    readonly needsSource?: boolean;
  } = {},
): LoadedConfig {
  const component = chooseComponent(path, readText(path, io.cwd), options.asset);
  const wanted = options.needsSource === false ? withoutSource(component) : component;
  const given = Object.entries(options.given ?? {}).filter(([, value]) => value !== undefined);
  const attributes = { ...wanted, ...Object.fromEntries(given) };
  const environment = options.needsToken === false ? withPlaceholders(attributes, io.env) : io.env;
  try {
    return { config: parseConfig(attributes, environment), attributes };
  } catch (error) {
    throw error instanceof ConfigError ? forTerminal(error, path, Object.fromEntries(given)) : error;
  }
}

/** The option of the command line that stands for an attribute. */
const optionOf = { start_date: '--start', end_date: '--end', resources: '--resources' } as const;

/** The same mistakes, each under the name by which the user gave what is wrong, and where to look. */
function forTerminal(error: ConfigError, path: string, given: Readonly<Record<string, unknown>>): ConfigError {
  const issues = error.issues.map((issue) => {
    const option = Object.entries(optionOf).find(([name]) => name in given && issue.path.split('[')[0] === name)?.[1];
    return option === undefined ? issue : { ...issue, path: `${option} (${issue.path})` };
  });
  const inFile = issues.some((issue) => !issue.path.startsWith('--'));
  const byLine = `\`tiktok-ads check --resolve ${path}\` shows each mistake of the file with its line.`;
  const hint = inFile ? byLine : 'Mend the command line.';
  return new ConfigError(formatIssues(issues), { issues, hint, cause: error });
}

function readText(path: string, cwd: string): string {
  try {
    return readFileSync(isAbsolute(path) ? path : join(cwd, path), 'utf8');
  } catch (cause) {
    throw new ConfigError(`The file ${path} cannot be read.`, { hint: 'Give the path of a defs.yaml with --config.', cause });
  }
}

function chooseComponent(path: string, text: string, asset: string | undefined): Readonly<Record<string, unknown>> {
  const file = readComponentFile(text);
  if (file.components.length === 0 && file.issues.length > 0) {
    const issues = file.issues.map((issue) => ({ ...issue, path: `${path}:${issue.line}:${issue.column}` }));
    throw new ConfigError(`${path} has ${issueList(issues)}`, { issues, hint: 'Mend the file.' });
  }
  const all = file.components.map((component) => component.attributes);
  const named = all.filter(
    (attributes): attributes is Readonly<Record<string, unknown>> => typeof attributes === 'object' && attributes !== null,
  );
  const chosen = asset === undefined ? named : named.filter((attributes) => attributes['asset_name'] === asset);
  const [first] = chosen;
  if (chosen.length === 1 && first) return first;
  const names = named.map((attributes) => String(attributes['asset_name'])).join(', ');
  if (chosen.length > 1)
    throw new ConfigError(`${path} holds ${chosen.length} components.`, { hint: `Choose one with --asset: ${names}.` });
  throw new ConfigError(
    asset === undefined ? `${path} holds no TikTokAdsIngestionComponent.` : `${path} has no component with asset_name ${asset}.`,
    {
      hint:
        names === '' ? 'Its `type` has to be dagster_component_templates.TikTokAdsIngestionComponent.' : `There are: ${names}.`,
    },
  );
}

/** A plan calls nobody, so it does not need the variables that hold secrets; `1` passes where digits are wanted. */
function withPlaceholders(attributes: Readonly<Record<string, unknown>>, env: CommandIo['env']): CommandIo['env'] {
  const variables = [
    ...JSON.stringify(attributes).matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)[^}]*\}|env\.([A-Za-z_][A-Za-z0-9_]*)/g),
  ].map((match) => match[1] ?? match[2] ?? '');
  return { ...Object.fromEntries(variables.map((name) => [name, '1'])), ...env };
}

/** Who reads a table calls nobody at TikTok: what only serves that is filled in, so that its variables need not be set. */
function withoutSource(attributes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { api_base_url: _, advertiser_ids: accounts, ...rest } = attributes;
  const isKnown = accounts !== undefined && !/\$\{|\{\{/.test(JSON.stringify(accounts));
  const named = isKnown ? { advertiser_ids: accounts } : {};
  return { ...rest, ...named, access_token: 'unused', app_id: '1', secret: 'unused' };
}
