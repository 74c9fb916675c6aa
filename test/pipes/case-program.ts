// Cases of our own, started as the suite's program is: `node case-program.ts CASE`. Each leaves with the exit code that its case calls for.
import process from 'node:process';
import {
  joinAssetKey,
  openDagsterPipesAsync,
  PipesCliArgsParamsLoader,
  type PipesContext,
  PipesFloat,
  PipesMetadata,
  PipesS3MessageWriter,
  splitAssetKey,
  withDagsterPipes,
} from '../../src/pipes/index.ts';

const cases: Readonly<Record<string, () => Promise<void>>> = {
  /** Logs and reports one materialization. */
  report: () => run((pipes) => report(pipes)),
  /** The same, with the params among the arguments. */
  'report-from-arguments': async () => {
    const pipes = await openDagsterPipesAsync(new PipesCliArgsParamsLoader());
    report(pipes);
    pipes.close();
  },
  /** Prints between reports, without ending its line. */
  'report-among-prints': () =>
    run((pipes) => {
      process.stdout.write('no line break');
      process.stderr.write('none here either');
      pipes.logger.info('between prints');
      process.stdout.write(' and more text\n');
      report(pipes);
    }),
  /** Every metadata type. */
  metadata: () =>
    run((pipes) => {
      pipes.reportAssetMaterialization({
        text: PipesMetadata.text('Grüße 广告 🚀 \u2028'),
        url: PipesMetadata.url('https://example.org/a?b=c'),
        path: PipesMetadata.path('/tmp/a'),
        notebook: PipesMetadata.notebook('/tmp/a.ipynb'),
        md: PipesMetadata.md('| a |\n| - |\n| 1 |'),
        json: PipesMetadata.json({ a: [1, null, { b: 'c' }] }),
        int: PipesMetadata.int(42),
        int_beyond_2_53: PipesMetadata.int(7_300_000_000_000_000_123n),
        float_whole: PipesMetadata.float(5),
        float_small: PipesMetadata.float(1e-7),
        float_large: PipesMetadata.float(1e21),
        float_negative_zero: PipesMetadata.float(-0),
        float_nan: PipesMetadata.float(Number.NaN),
        bool: PipesMetadata.bool(true),
        null: PipesMetadata.null(),
        dagster_run: PipesMetadata.dagsterRun('run-1'),
        asset: PipesMetadata.asset('a/b'),
        timestamp: PipesMetadata.timestamp(new Date('2024-01-01T00:00:00Z')),
        table: PipesMetadata.table([
          { id: 7_300_000_000_000_000_123n, name: 'a', spend: new PipesFloat(5), active: true, note: null },
          { id: 2, name: null, spend: 0.25, active: false, note: null },
        ]),
        table_empty: PipesMetadata.table([], [{ name: 'id', type: 'int' }]),
        'dagster/column_schema': PipesMetadata.tableSchema([
          {
            name: 'id',
            type: 'VARCHAR',
            description: 'the id',
            tags: { unit: 'none' },
            constraints: { nullable: false, unique: true, other: ['19 digits'] },
          },
          { name: 'name', type: 'VARCHAR', description: null, tags: null, constraints: null },
        ]),
        'dagster/column_lineage': PipesMetadata.tableColumnLineage({ id: [{ asset_key: 'source', column_name: 'id' }] }),
        'dagster/row_count': PipesMetadata.int(2),
        bare_text: 'text',
        bare_int: 5,
        bare_float: 5.5,
        bare_null: null,
        bare_list: [1, 'a'],
        bare_mapping: { a: 1 },
        bare_bigint: 5n,
        bare_date: new Date('2024-01-01T00:00:00Z'),
      });
    }),
  /** One materialization and one check for each of the step's assets. */
  'every-asset': () =>
    run((pipes) => {
      pipes.reportCustomMessage(pipes.assetKeys);
      for (const key of pipes.assetKeys) {
        pipes.reportAssetCheck('whole', true, 'WARN', { key }, key);
        pipes.reportAssetMaterialization({ key }, `version of ${key}`, key);
      }
    }),
  /** Takes its key apart, and reports under the key put together again. */
  'escaped-key': () =>
    run((pipes) => {
      const parts = splitAssetKey(pipes.assetKey);
      pipes.reportCustomMessage({ assetKey: pipes.assetKey, parts });
      pipes.reportAssetMaterialization({ rows: 1 }, null, joinAssetKey(parts));
    }),
  /** Tells what it knows about its partitions. */
  partitions: () =>
    run((pipes) => {
      pipes.reportCustomMessage({
        isPartitionStep: pipes.isPartitionStep,
        partitionKey: pipes.isPartitionStep ? pipes.partitionKey : null,
        range: pipes.isPartitionStep ? pipes.partitionKeyRange : null,
        window: pipes.isPartitionStep ? pipes.partitionTimeWindow : null,
        extras: pipes.extras,
      });
    }),
  /** Log messages around and beyond the limit, then a large payload. */
  'large-messages': () =>
    run((pipes) => {
      for (const length of [1000, 15_000, 17_000, 1_000_000]) pipes.logger.info('x'.repeat(length));
      pipes.reportCustomMessage('y'.repeat(200_000));
      pipes.logger.info('after the large ones');
    }),
  /** Tries everything that the reader could not bear, then reports as if nothing had happened. */
  'refused-messages': () =>
    run((pipes) => {
      const attempts: readonly (() => void)[] = [
        () => pipes.log('a', 'LOUD'),
        () => pipes.log(5 as unknown as string),
        () => pipes.reportCustomMessage(undefined),
        () => pipes.reportAssetCheck('c', true, 'error' as 'ERROR'),
        () => pipes.reportAssetMaterialization({ a: { type: 'int', raw_value: '5' } }),
        () => pipes.reportAssetMaterialization({ a: { type: 'job', raw_value: 'x' } }),
        () => pipes.reportAssetMaterialization({ a: { type: 'timestamp', raw_value: '2024-01-01' } }),
        () => pipes.reportAssetMaterialization(null, null, 'other'),
      ];
      const refused = attempts.map((attempt) => thrown(attempt));
      report(pipes);
      pipes.reportCustomMessage(refused);
    }),
  /** Reports after close; the error says so. */
  'use-after-close': async () => {
    const pipes = await openDagsterPipesAsync();
    report(pipes);
    pipes.close();
    process.exitCode = thrown(() => pipes.logger.info('late')) === 'DagsterPipesError' ? 0 : 1;
  },
  /** Waits to be told to end, and says goodbye in the handler, whose exit is at once. */
  signals: async () => {
    const pipes = await openDagsterPipesAsync();
    const end = (signal: string): void => {
      pipes.logger.warning(`stopped by ${signal}`);
      pipes.close(new Error(`stopped by ${signal}`));
      process.exit(130);
    };
    process.on('SIGINT', end).on('SIGTERM', end);
    pipes.logger.info('ready');
    setTimeout(() => process.exit(3), 60_000);
  },
  /** Fails with a chain of causes. */
  'chained-error': () =>
    run(() => {
      throw new TypeError('outer', { cause: new RangeError('inner') });
    }),
  /** Does not close. */
  'forgets-to-close': async () => {
    report(await openDagsterPipesAsync());
  },
  /** Has S3 as writer and forgets to close. */
  'forgets-to-close-s3': async () => {
    report(await openDagsterPipesAsync(undefined, undefined, new PipesS3MessageWriter()));
  },
  /** Closes a channel that uploads, and neither waits nor exits by itself. */
  'does-not-wait-s3': async () => {
    const pipes = await openDagsterPipesAsync(undefined, undefined, new PipesS3MessageWriter());
    report(pipes);
    pipes.close();
  },
  /** Prints, for `include_stdio_in_messages`. */
  prints: () =>
    run((pipes) => {
      process.stdout.write('first li');
      process.stdout.write('ne\nsecond line\n');
      process.stderr.write(Buffer.from('Grüße 🚀\n'));
      process.stdout.write('no line break at the end');
      report(pipes);
    }),
};

const work = cases[process.argv[2] ?? ''];
if (work === undefined) throw new Error(`no such case; there are ${Object.keys(cases).join(', ')}`);
await work();

async function run(use: (pipes: PipesContext) => void): Promise<void> {
  await withDagsterPipes(use).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  });
}

function report(pipes: PipesContext): void {
  pipes.logger.info('reporting');
  pipes.reportAssetMaterialization({ rows: PipesMetadata.int(3) });
}

function thrown(attempt: () => void): string {
  try {
    attempt();
    return 'nothing';
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}
