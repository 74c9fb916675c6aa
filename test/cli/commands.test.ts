import { describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/commands.ts';
import { version } from '../../src/cli/version.ts';
import { commandBench, defsYaml } from '../support/commands.ts';

const names = ['run', 'plan', 'check', 'doctor', 'simulate', 'read', 'catalog', 'schema'];

describe('tiktok-ads', () => {
  it.each([[[]], [['--help']], [['-h']], [['help']]])('with %j lists every command', async (argv) => {
    const { code, stdout } = await commandBench().run(runCommand, argv);
    expect(code).toBe(0);
    for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it.each(names)('%s explains itself: how it is called, options, examples, exit codes', async (name) => {
    const b = commandBench();
    const { code, stdout, stderr } = await b.run(runCommand, [name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: tiktok-ads ${name}`);
    expect(stdout).toMatch(/^Options:\n {2}--/m);
    expect(stdout).toMatch(new RegExp(`^Examples:\\n {2}.*tiktok-ads ${name}`, 'm'));
    expect(stdout).toMatch(/^Exit codes:\n {2}0 /m);
    for (const argv of [
      ['help', name],
      [name, '-h'],
      ['--help', name],
    ])
      expect((await b.run(runCommand, argv)).stdout).toBe(stdout);
  });

  it('helps with no command that there is not', async () => {
    const { code, stderr } = await commandBench().run(runCommand, ['help', 'pln']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('Did you mean plan?') });
  });

  it.each(['run', 'plan', 'check', 'doctor', 'read'])(
    '%s takes its file as a word or with --config, and says so if there is none',
    async (name) => {
      const b = commandBench();
      const rest = name === 'read' ? ['--out', 'x.parquet'] : [];
      const [word, option, none] = [
        await b.run(runCommand, [name, 'missing.yaml', ...rest]),
        await b.run(runCommand, [name, '--config', 'missing.yaml', ...rest]),
        await b.run(runCommand, [name, ...rest]),
      ];
      expect(word).toEqual(option);
      expect(word.code).toBe(2);
      expect(`${word.stdout}${word.stderr}`).toContain('missing.yaml');
      expect(none).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('FILE: is missing') });
    },
  );

  it.each(names)('%s refuses an option that it does not have', async (name) => {
    const { code, stderr } = await commandBench().run(runCommand, [name, '--no-such-option']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('no-such-option') });
  });

  it.each(['run', 'plan', 'doctor'])(
    '%s tells where YAML is no YAML, and how to find the line of what is wrong in it',
    async (name) => {
      const b = commandBench();
      b.write('broken.yaml', 'type: x\nattributes:\n  resources: [1\n');
      b.write('wrong.yaml', defsYaml('advertiser_ids: "71"', 'resources: campains'));
      const broken = await b.run(runCommand, [name, 'broken.yaml']);
      expect({ code: broken.code, said: broken.stdout + broken.stderr }).toEqual({
        code: 2,
        said: expect.stringContaining('broken.yaml:4:1: '),
      });
      const wrong = await b.run(runCommand, [name, 'wrong.yaml'], { TOKEN: 'x' });
      expect(wrong.code).toBe(2);
      expect(wrong.stdout + wrong.stderr).toContain('`tiktok-ads check --resolve wrong.yaml`');
    },
  );

  it('tells its version', async () => {
    expect(await commandBench().run(runCommand, ['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('suggests the command that was meant', async () => {
    const { code, stderr } = await commandBench().run(runCommand, ['docter']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('Did you mean doctor?') });
  });

  it.each(['constructor', '__proto__', 'toString'])('knows no command %s', async (name) => {
    const { code, stderr } = await commandBench().run(runCommand, [name]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`There is no command ${name}`) });
  });
});
