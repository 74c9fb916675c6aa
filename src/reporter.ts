import type { CheckResult } from './checks/check.ts';
import type { ErrorDescription } from './errors.ts';
import type { PipesMetadataInput } from './pipes/metadata.ts';

/** Where a run tells what it does: Dagster through Pipes, or a person at a terminal. */
export interface Reporter {
  /** Milestones only: in Dagster each is an event in its database. */
  readonly log: (level: 'info' | 'warning' | 'error', message: string) => void;
  /** How far the run is; called often, shown where it costs nothing. */
  readonly progress: (progress: RunProgress) => void;
  readonly materialized: (materialization: Materialization) => void;
  /** Something was committed that is no whole materialization: a partial load, or a restated partition. */
  readonly observed: (observation: Observation) => void;
  readonly checked: (check: CheckResult, assetKey: string | null) => void;
  readonly failed: (error: ErrorDescription) => void;
}

export interface RunProgress {
  readonly table: string;
  /** The table is whole; otherwise a part of it was committed. */
  readonly finished: boolean;
  readonly rowsLoaded: number;
  readonly calls: number;
}

export interface Materialization {
  /** Escaped form, as Pipes has it. */
  readonly assetKey: string;
  readonly metadata: PipesMetadataInput;
  readonly dataVersion: string;
  /** Per partition of a run over several. */
  readonly partitions: readonly { readonly key: string; readonly metadata: PipesMetadataInput }[];
}

export interface Observation {
  readonly assetKey: string;
  readonly partitionKey: string | null;
  readonly description: string;
  readonly metadata: PipesMetadataInput;
}
