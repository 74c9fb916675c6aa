import { parseContext } from './context.ts';
import { type PipesContextLoader, PipesDefaultContextLoader } from './context-loader.ts';
import { DagsterPipesError } from './errors.ts';
import { currentHost } from './host.ts';
import { PipesDefaultMessageWriter, type PipesMessageWriter } from './message-writer.ts';
import { PipesEnvVarParamsLoader, type PipesParamsLoader } from './params.ts';
import { PipesContext } from './session.ts';
import { captureStdio } from './stdio-capture.ts';

/**
 * Opens this process's session with Dagster and says so to Dagster. A second call returns the same session. If Dagster did not start the process
 * it warns once and returns a session that does nothing.
 * @param paramsLoader By default the environment.
 * @param contextLoader By default a file or the params themselves. For stores use `openDagsterPipesAsync`.
 * @param messageWriter By default what the message params tell.
 * @throws DagsterPipesError if params or context cannot be read, or messages cannot be written.
 */
export function openDagsterPipes(
  paramsLoader?: PipesParamsLoader,
  contextLoader?: PipesContextLoader,
  messageWriter?: PipesMessageWriter,
): PipesContext {
  if (PipesContext.isInitialized()) return PipesContext.get();
  const params = paramsLoader ?? new PipesEnvVarParamsLoader();
  if (!params.isDagsterPipesProcess()) return openInactive();
  const context = (contextLoader ?? new PipesDefaultContextLoader()).loadContext(params.loadContextParams());
  if (context instanceof Promise) {
    context.catch(() => undefined);
    throw new DagsterPipesError('This context loader answers later: use `await openDagsterPipesAsync(...)`');
  }
  return openWith(params, context, messageWriter);
}

/** `openDagsterPipes` for context loaders that answer later, such as S3's; takes all others too. Rejects as the other throws. */
export async function openDagsterPipesAsync(
  paramsLoader?: PipesParamsLoader,
  contextLoader?: PipesContextLoader,
  messageWriter?: PipesMessageWriter,
): Promise<PipesContext> {
  if (PipesContext.isInitialized()) return PipesContext.get();
  const params = paramsLoader ?? new PipesEnvVarParamsLoader();
  if (!params.isDagsterPipesProcess()) return openInactive();
  const context = await (contextLoader ?? new PipesDefaultContextLoader()).loadContext(params.loadContextParams());
  // Someone else may have opened while this one waited.
  return PipesContext.isInitialized() ? PipesContext.get() : openWith(params, context, messageWriter);
}

export interface WithPipesOptions {
  readonly paramsLoader?: PipesParamsLoader;
  readonly contextLoader?: PipesContextLoader;
  readonly messageWriter?: PipesMessageWriter;
}

/**
 * Opens a session, does the work, closes, with the exception if the work throws, and waits until all is delivered. Gives what the work gives and
 * throws what it throws.
 */
export async function withDagsterPipes<Result>(
  work: (pipes: PipesContext) => Result | Promise<Result>,
  options: WithPipesOptions = {},
): Promise<Result> {
  const pipes = await openDagsterPipesAsync(options.paramsLoader, options.contextLoader, options.messageWriter);
  let result: Result;
  try {
    result = await work(pipes);
  } catch (error) {
    await closeAfter(error, pipes);
    throw error;
  }
  pipes.close();
  await pipes.delivered();
  return result;
}

/** What went wrong first is what the caller has to see: trouble in telling Dagster about it only warns. */
async function closeAfter(error: unknown, pipes: PipesContext): Promise<void> {
  try {
    pipes.close(error);
    await pipes.delivered();
  } catch (trouble) {
    currentHost().warn(`Dagster could not be told about the error: ${String(trouble)}`);
  }
}

function openInactive(): PipesContext {
  currentHost().warn('This process was not started by Dagster Pipes: reports to Dagster do nothing.');
  return remember(new PipesContext(null));
}

function openWith(params: PipesParamsLoader, rawContext: unknown, messageWriter?: PipesMessageWriter): PipesContext {
  const writer = messageWriter ?? new PipesDefaultMessageWriter();
  const messageParams = params.loadMessagesParams();
  const context = parseContext(rawContext);
  const channel = writer.open(messageParams);
  const capturing = messageParams['include_stdio_in_messages'] === true && channel.usesStdio !== true;
  const parts = { context, channel, openedExtras: writer.getOpenedExtras() };
  if (!capturing) return remember(new PipesContext(parts));
  return remember(new PipesContext({ ...parts, capture: (send) => captureStdio(currentHost(), messageParams, send) }));
}

function remember(context: PipesContext): PipesContext {
  PipesContext.set(context);
  return context;
}
