import { destinationNamed } from '../destinations/index.ts';
import { type OptionMistake, readOptions } from '../destinations/options.ts';
import { ConfigError, type ConfigIssue } from '../errors.ts';
import { datasetNameOf } from './config.ts';
import { readAttributes } from './read-attributes.ts';
import type { Environment } from './references.ts';

/** Any variable holds this: a text that a number, a host and a name can all be. */
const standIn: Environment = new Proxy({}, { get: () => '1' });

/**
 * Mistakes among the destination's own options that show without an environment. What a reference such as `${VAR}` will give cannot be
 * known here, so that among options that hold one only wrong and missing names count.
 */
export function destinationMistakes(attributes: unknown, directory: string): readonly ConfigIssue[] {
  const { reads, issues } = readAttributes(attributes, standIn);
  const { destination, destination_config: config, destination_credentials_url: url } = reads;
  // Names and values by themselves are the attributes' own rules; here they may show again.
  const isWrong = issues.some(({ path }) => /^destination[a-z_]*$/.test(path));
  if (isWrong || destination.value === undefined || reads.destination_credentials_env_var.state !== 'absent') return [];
  const datasetName = reads.dataset_name.value ?? datasetNameOf(reads.asset_name.value ?? '');
  const given = { config: config.value ?? null, url: url.value ?? null, datasetName, directory };
  const known = !holdsReference(attributes);
  try {
    const { mistakes } = readOptions(destinationNamed(destination.value), given);
    return mistakes.filter((mistake) => known || mistake.whateverTheValues).map(({ issue }: OptionMistake) => issue);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return known ? error.issues : [];
  }
}

function holdsReference(attributes: unknown): boolean {
  const { destination_config: config, destination_credentials_url: url } = attributes as Readonly<Record<string, unknown>>; // It was read as a mapping.
  return /\$\{|\{\{/.test(JSON.stringify([config, url]) ?? '');
}
