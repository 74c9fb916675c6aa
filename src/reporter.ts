import type { CheckResult } from './checks/check.ts';
import type { ErrorDescription } from './errors.ts';
import type { PipesMetadataInput } from './pipes/metadata.ts';

/** Where a run tells what it does: Dagster through Pipes, or a person at a terminal. */
export interface Reporter {
  /** Milestones only: in Dagster each is an event in its database. */
  readonly log: (level: 'info' | 'warning' | 'error', message: string) => void;
  /** How far the run is; called often, shown where it costs nothing. */
  readonly progress: (progress: RunProgress) => void;
  /** What is to be read is known; `status` may be asked as often as wanted, until the run ends. For who shows it live. */
  readonly started?: (status: () => RunStatus) => void;
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

/** How far a run is at this moment. */
export interface RunStatus {
  /** Requests sent, without those that were sent again. */
  readonly callsMade: number;
  /** Requests known to be needed; grows with the pages that answers announce. */
  readonly callsPlanned: number;
  /** Records received; as rows they are in the warehouse after the table's commit. */
  readonly records: number;
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
