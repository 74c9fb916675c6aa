import { describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/commands.ts';
import { version } from '../../src/cli/version.ts';
import { commandBench } from '../support/commands.ts';

const names = ['run', 'plan', 'check', 'doctor', 'simulate', 'catalog', 'schema'];

describe('tiktok-ads', () => {
  it.each([[[]], [['--help']], [['-h']], [['help']]])('with %j lists every command', async (argv) => {
    const { code, stdout } = await commandBench().run(runCommand, argv);
    expect(code).toBe(0);
    for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it.each(names)('%s explains itself', async (name) => {
    const { code, stdout, stderr } = await commandBench().run(runCommand, [name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: tiktok-ads ${name}`);
  });

  it.each(names)('%s refuses an option that it does not have', async (name) => {
    const { code, stderr } = await commandBench().run(runCommand, [name, '--no-such-option']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('no-such-option') });
  });

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
