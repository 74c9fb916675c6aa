// The program that Dagster's cross-language Pipes suite drives: `node suite-program.ts --test-name NAME [--name value ...]`, started by Dagster.
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import {
  openDagsterPipesAsync,
  type PipesAssetCheckSeverity,
  type PipesContext,
  type PipesContextLoader,
  PipesDefaultContextLoader,
  PipesDefaultMessageWriter,
  type PipesMessageWriter,
  PipesS3ContextLoader,
  PipesS3MessageWriter,
  parseJson,
} from '../../src/pipes/index.ts';

const { values } = parseArgs({
  options: {
    'test-name': { type: 'string' },
    extras: { type: 'string' },
    'job-name': { type: 'string' },
    'context-loader': { type: 'string', default: 'default' },
    'message-writer': { type: 'string', default: 'default' },
    'custom-payload': { type: 'string' },
    'report-asset-materialization': { type: 'string' },
    'report-asset-check': { type: 'string' },
  },
});

interface MaterializationFile {
  readonly dataVersion?: string;
  readonly assetKey?: string;
}

interface CheckFile {
  readonly checkName: string;
  readonly passed: boolean;
  readonly severity?: PipesAssetCheckSeverity;
  readonly assetKey?: string;
}

const loaders: Readonly<Record<string, () => PipesContextLoader>> = {
  default: () => new PipesDefaultContextLoader(),
  s3: () => new PipesS3ContextLoader(),
};

const writers: Readonly<Record<string, () => PipesMessageWriter>> = {
  default: () => new PipesDefaultMessageWriter(),
  s3: () => new PipesS3MessageWriter(),
};

const tests: Readonly<Record<string, (pipes: PipesContext) => void>> = {
  test_components: (pipes) => {
    checkContext(pipes);
    pipes.reportCustomMessage('Hello from external process!');
  },
  test_extras: (pipes) => checkContext(pipes),
  test_error_reporting: () => {
    throw new Error('Very bad error has happened!');
  },
  test_message_log: (pipes) => {
    pipes.logger.debug('Debug message');
    pipes.logger.info('Info message');
    pipes.logger.warning('Warning message');
    pipes.logger.error('Error message');
    pipes.logger.critical('Critical message');
  },
  test_message_report_custom_message: (pipes) => {
    const { payload } = read(values['custom-payload']) as { readonly payload: unknown };
    pipes.reportCustomMessage(payload);
  },
  // The client refuses what Dagster would not read: nothing is made right here.
  test_message_report_asset_materialization: (pipes) => {
    const { dataVersion, assetKey } = read(values['report-asset-materialization']) as MaterializationFile;
    pipes.reportAssetMaterialization(metadata(), dataVersion, assetKey);
  },
  test_message_report_asset_check: (pipes) => {
    const { checkName, passed, severity, assetKey } = read(values['report-asset-check']) as CheckFile;
    pipes.reportAssetCheck(checkName, passed, severity, metadata(), assetKey);
  },
};

const pipes = await openDagsterPipesAsync(
  undefined,
  chosen(loaders, values['context-loader'])(),
  chosen(writers, values['message-writer'])(),
);
try {
  chosen(tests, values['test-name'])(pipes);
  pipes.close();
} catch (error) {
  pipes.close(error);
  process.exitCode = 1;
}
await pipes.delivered();

function checkContext(context: PipesContext): void {
  if (values.extras !== undefined) deepStrictEqual(context.extras, parseJson(readFileSync(values.extras, 'utf8')));
  if (values['job-name'] !== undefined) strictEqual(context.jobName, values['job-name']);
}

function metadata(): Readonly<Record<string, unknown>> | null {
  const path = process.env['PIPES_SUITE_METADATA'];
  return path === undefined ? null : (read(path) as Readonly<Record<string, unknown>>);
}

/** What is in a JSON file. 5.0 stays a float: Python tells it from 5. */
function read(path: string | undefined): unknown {
  if (path === undefined) throw new Error('the file of this test is missing among the arguments');
  return parseJson(readFileSync(path, 'utf8'), { floats: 'kept' });
}

function chosen<Choice>(choices: Readonly<Record<string, Choice>>, name: string | undefined): Choice {
  const choice = choices[name ?? ''];
  if (choice === undefined) throw new Error(`unknown: ${name ?? 'nothing'}; there are ${Object.keys(choices).join(', ')}`);
  return choice;
}
