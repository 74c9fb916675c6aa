import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Ids of the processes below `ancestor` whose command line holds `text`. */
export function descendants(ancestor: number, text: string): readonly number[] {
  const all = processes();
  const below = new Set([ancestor]);
  for (let before = 0; before < below.size; ) {
    before = below.size;
    for (const { pid, parent } of all) if (below.has(parent)) below.add(pid);
  }
  return all.filter(({ pid, command }) => below.has(pid) && command.includes(text)).map(({ pid }) => pid);
}

/** Whether a process runs. One that has ended but that its parent has not waited for has no command line, and counts as gone. */
export function runs(pid: number): boolean {
  return processes().some((one) => one.pid === pid && one.command !== '');
}

/** Linux always has `/proc` but not always `ps`. */
function processes(): readonly Process[] {
  if (existsSync('/proc/self/stat'))
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(fromProc);
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [, pid, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return { pid: Number(pid), parent: Number(parent), command: command.startsWith('<defunct>') ? '' : command };
  });
}

function fromProc(name: string): readonly Process[] {
  try {
    // The second field is the program's name in parentheses, which may hold anything.
    const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return [{ pid: Number(name), parent: Number(parent), command }];
  } catch {
    return []; // It ended while it was looked at.
  }
}
