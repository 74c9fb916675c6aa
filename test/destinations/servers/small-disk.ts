import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real file system of a few megabytes, which a test can fill. */
export interface SmallDisk {
  /** Its root; anybody may write there. */
  readonly path: string;
  /** Takes all but so many kilobytes, which is none unless told. */
  readonly fill: (freeKilobytes?: number) => void;
  /** Frees again what `fill` took. */
  readonly free: () => void;
  readonly remove: () => void;
}

/** Null where file systems may not be mounted: that takes Linux and root. */
export function makeSmallDisk(megabytes: number): SmallDisk | null {
  const path = mkdtempSync(join(tmpdir(), 'small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0777`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    rmSync(path, { recursive: true, force: true });
    return null;
  }
  const filler = join(path, 'filler');
  return {
    path,
    fill: (freeKilobytes = 0) => {
      const file = openSync(filler, 'a');
      try {
        const { bavail, bsize } = statfsSync(path);
        const zeros = Buffer.alloc(bsize);
        for (let left = bavail - Math.ceil((freeKilobytes * 1024) / bsize); left > 0; left -= 1) writeSync(file, zeros);
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
    remove: () => {
      execFileSync('umount', ['-l', path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
