/**
 * What must not compile. The type check fails if one of these lines is accepted; nothing here runs.
 */
import type { Config } from '../../src/config/config.ts';
import type { Capabilities } from '../../src/destinations/destination.ts';
import { ConfigError, type IngestError } from '../../src/errors.ts';
import type { Column, Write } from '../../src/table.ts';
import { defineResource } from '../../src/tiktok/resource.ts';
import { campaigns } from '../../src/tiktok/resources/campaigns.ts';

// A key names columns of its own resource.
// @ts-expect-error
defineResource({ ...campaigns, primaryKey: ['advertiser_id', 'campain_id'] });

// Behaviour is one of a closed set of kinds.
// @ts-expect-error
defineResource({ ...campaigns, pagination: { kind: 'cursor', pageSizeMax: 10 } });

// A column has one of the shared types.
// @ts-expect-error
export const column: Column = { name: 'spend', type: 'float' };

// Writes are spelled as the words of the project.
// @ts-expect-error
export const write: Write = { disposition: 'overwrite', strategy: 'upsert' };

// Capabilities are stated in full: a forgotten one is not false by accident.
// @ts-expect-error
export const capabilities: Capabilities = { stagingFormat: 'parquet' };

export function configuration(config: Config): void {
  // A configuration is not changed after it is parsed.
  // @ts-expect-error
  config.restateDays = 0;
  // @ts-expect-error
  config.resources.push('ads');
}

export function kinds(error: IngestError): string {
  switch (error.kind) {
    case 'config':
    case 'source':
    case 'destination':
    case 'internal':
      return error.kind;
    default: {
      // All kinds are above.
      const none: never = error.kind;
      return none;
    }
  }
}

// An error says whether it can pass by `retryable`, not by a word of its own.
// @ts-expect-error
export const failure = new ConfigError('wrong', { transient: true });
