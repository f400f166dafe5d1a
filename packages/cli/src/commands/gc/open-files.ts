import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const entries = (directory: string): string[] => {
  try {
    return readdirSync(directory);
  } catch {
    // Gone meanwhile, or another user's.
    return [];
  }
};

/** Paths that processes of this machine have open, as far as this user may see; empty without /proc. */
export const openFiles = (): ReadonlySet<string> => {
  const found = new Set<string>();
  for (const pid of entries('/proc').filter((name) => /^\d+$/.test(name))) {
    const descriptors = join('/proc', pid, 'fd');
    for (const fd of entries(descriptors)) {
      try {
        found.add(readlinkSync(join(descriptors, fd)));
      } catch {
        // Closed meanwhile.
      }
    }
  }
  return found;
};
