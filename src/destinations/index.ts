import { ConfigError } from '../errors.ts';
import { bigquery } from './bigquery.ts';
import type { ConnectEnvironment, DestinationDefinition, GivenCredentials, Session } from './destination.ts';
import { duckdb } from './duckdb.ts';
import { optionsError, readOptions } from './options.ts';
import { postgres } from './postgres.ts';
import { redshift } from './redshift.ts';
import { snowflake } from './snowflake.ts';

/** Every destination the configuration may name. */
export const destinationNames = ['duckdb', 'snowflake', 'bigquery', 'postgres', 'redshift'] as const;

/** Those that work; a name that is not among them is known and says so. */
export const destinations: readonly DestinationDefinition[] = [duckdb, snowflake, bigquery, postgres, redshift];

/** Throws ConfigError for a name that is unknown or not available yet. */
export function destinationNamed(name: string): DestinationDefinition {
  const found = destinations.find((destination) => destination.name === name);
  if (found !== undefined) return found;
  const allowed = destinations.map((destination) => destination.name).join(', ');
  const known = destinationNames.some((known) => known === name);
  const message = known ? `destination \`${name}\` is not available yet` : `there is no destination \`${name}\``;
  throw new ConfigError(`destination: ${message}.`, {
    hint: `Set \`destination\` to one of: ${allowed}.`,
    issues: [{ path: 'destination', message, allowed }],
  });
}

/** The destination's options, parsed; throws ConfigError with all their mistakes. Opens nothing. */
export function destinationOptions(name: string, given: GivenCredentials): unknown {
  const destination = destinationNamed(name);
  const { options, mistakes } = readOptions(destination, given);
  if (mistakes.length > 0) throw optionsError(destination, mistakes);
  return options;
}

/** Opens a session on the named destination: options first (ConfigError), then the warehouse (DestinationError). */
export async function openDestination(name: string, given: GivenCredentials, environment: ConnectEnvironment): Promise<Session> {
  return destinationNamed(name).connect(destinationOptions(name, given), environment);
}
