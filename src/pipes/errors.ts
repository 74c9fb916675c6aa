/** Everything this module refuses: bad parameters, a message Dagster's reader would stop at, use after close, a channel that fails. */
export class DagsterPipesError extends Error {
  override readonly name = 'DagsterPipesError';
}
