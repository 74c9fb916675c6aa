import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  decodeParam,
  encodeParam,
  PipesCliArgsParamsLoader,
  PipesEnvVarParamsLoader,
  PipesMappingParamsLoader,
} from '../../src/pipes/params.ts';

const context = encodeParam({ path: '/tmp/context' });
const messages = encodeParam({ stdio: 'stderr' });
const mapping = { DAGSTER_PIPES_CONTEXT: context, DAGSTER_PIPES_MESSAGES: messages };

describe('params', () => {
  it('are decoded as the Python side encodes them', () => {
    // encode_param({"path": "/tmp/ü"}) of dagster-pipes 1.13.27
    expect(decodeParam('eJyrVipILMlQslJQ0i/JLdCPKTUwSEtWqgUAVowHMQ==')).toEqual({ path: '/tmp/\u00fc' });
  });

  it.each([
    ['the environment', () => new PipesEnvVarParamsLoader(mapping)],
    ['a mapping', () => new PipesMappingParamsLoader({ ...mapping, event: { other: 1 } })],
    [
      'arguments',
      () =>
        new PipesCliArgsParamsLoader([
          '--verbose',
          '--dagster-pipes-context',
          context,
          'x',
          '--dagster-pipes-messages',
          messages,
        ]),
    ],
    [
      'arguments with =',
      () => new PipesCliArgsParamsLoader([`--dagster-pipes-messages=${messages}`, `--dagster-pipes-context=${context}`]),
    ],
  ])('come from %s', (_name, make) => {
    const loader = make();
    expect(loader.isDagsterPipesProcess()).toBe(true);
    expect(loader.loadContextParams()).toEqual({ path: '/tmp/context' });
    expect(loader.loadMessagesParams()).toEqual({ stdio: 'stderr' });
  });

  it.each([
    ['the environment', () => new PipesEnvVarParamsLoader({ PATH: '/bin' })],
    ['a mapping', () => new PipesMappingParamsLoader({})],
    ['arguments', () => new PipesCliArgsParamsLoader(['run'])],
  ])('tell from %s that Dagster did not start the process', (_name, make) => {
    expect(make().isDagsterPipesProcess()).toBe(false);
  });

  it.each([
    ['missing', undefined, /DAGSTER_PIPES_MESSAGES is missing/],
    ['no base64', '!!!', /DAGSTER_PIPES_MESSAGES cannot be decoded/],
    ['no JSON', deflateSync('{').toString('base64'), /DAGSTER_PIPES_MESSAGES cannot be decoded/],
    ['no mapping', encodeParam([1]), /DAGSTER_PIPES_MESSAGES does not hold a mapping/],
  ])('that are %s are named in the error', (_name, value, message) => {
    const loader = new PipesMappingParamsLoader({ DAGSTER_PIPES_CONTEXT: context, DAGSTER_PIPES_MESSAGES: value });
    expect(() => loader.loadMessagesParams()).toThrow(message);
  });
});
