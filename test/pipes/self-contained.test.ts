import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeParam } from '../../src/pipes/params.ts';
import { newFolder, pipesEnvironment, wireContext } from './harness.ts';

const root = resolve(import.meta.dirname, '../..');
const source = join(root, 'src', 'pipes');

describe('the client as a package of its own', () => {
  let folder: string;
  beforeAll(async () => {
    folder = newFolder();
    await build({
      entryPoints: [join(source, 'index.ts')],
      outfile: join(folder, 'pipes.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node22',
      external: ['@aws-sdk/client-s3'],
    });
  });

  const run = (program: string, variables: Readonly<Record<string, string>>) => {
    writeFileSync(join(folder, 'program.mjs'), program);
    return spawnSync(process.execPath, ['program.mjs'], { cwd: folder, env: variables, encoding: 'utf8', timeout: 20_000 });
  };

  it('imports nothing but its own files, Node, and the AWS SDK when S3 is used', () => {
    const files = globSync('**/*.ts', { cwd: source });
    const imports = files.flatMap((file) => {
      const text = readFileSync(join(source, file), 'utf8');
      return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, path = '']) => ({
        path,
        own: path.startsWith('.') && resolve(join(source, file), '..', path).startsWith(`${source}/`),
        lazy: text.includes(`import('${path}')`),
      }));
    });
    expect(files.length).toBeGreaterThan(20);
    expect(imports.filter(({ path, own }) => !own && !path.startsWith('node:'))).toEqual([
      { path: '@aws-sdk/client-s3', own: false, lazy: true },
    ]);
  });

  it('works where nothing else is installed', () => {
    const { variables, messages } = pipesEnvironment();
    const { status, stderr } = run(
      `import { openDagsterPipes, PipesMetadata } from './pipes.mjs';
       const pipes = openDagsterPipes();
       pipes.reportAssetMaterialization({ rows: PipesMetadata.int(3) });
       pipes.close();`,
      variables,
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(messages().map(({ method }) => method)).toEqual(['opened', 'report_asset_materialization', 'closed']);
  });

  it('tells TypeScript its types', () => {
    const other = newFolder();
    mkdirSync(join(other, 'node_modules'));
    symlinkSync(root, join(other, 'node_modules', 'dagster-tiktok-ads'));
    symlinkSync(join(root, 'node_modules', '@types'), join(other, 'node_modules', '@types'));
    writeFileSync(join(other, 'package.json'), '{"type": "module"}');
    writeFileSync(
      join(other, 'program.ts'),
      `import { PipesMessageWriter, PipesMetadata, withDagsterPipes } from 'dagster-tiktok-ads/pipes';
       await withDagsterPipes((pipes) => pipes.reportAssetMaterialization({ rows: PipesMetadata.int(3) }));
       // @ts-expect-error
       await withDagsterPipes((pipes) => pipes.reportAssetCheck('check', 'yes'));
       export class Silent extends PipesMessageWriter {
         open() {
           return { write: (line: string) => void line, close: () => undefined };
         }
       }`,
    );
    const options = ['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext', '--types', 'node'];
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, ...options, 'program.ts'], { cwd: other, encoding: 'utf8' });
    expect(stdout).toBe('');
  });

  it('says what to install where S3 is used without the AWS SDK', () => {
    const { status, stderr } = run(
      `import { openDagsterPipes, PipesS3MessageWriter } from './pipes.mjs';
       const pipes = openDagsterPipes(undefined, undefined, new PipesS3MessageWriter());
       pipes.close();
       await pipes.delivered();`,
      {
        DAGSTER_PIPES_CONTEXT: encodeParam({ data: wireContext() }),
        DAGSTER_PIPES_MESSAGES: encodeParam({ bucket: 'b', key_prefix: 'p' }),
      },
    );
    expect(status).toBe(1);
    expect(stderr).toContain('npm install @aws-sdk/client-s3');
  });
});
