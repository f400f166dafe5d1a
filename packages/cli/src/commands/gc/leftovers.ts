import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { exists } from '../../instance/processes.ts';
import { DAY_MS, filesBelow, nightsOf } from './volume.ts';

/** Unfinished files: `.<name>.<random>.part`, `.<name>.<pid>.sync.part`. */
const PARTIAL = /^\..+\.part$/s;
const OWNER = /\.(\d{1,10})\.sync\.part$/;

/**
 * Unfinished files of writers that are gone: nothing was written to them for a day, no process of this machine has them
 * open, and where the name tells the writer's pid, that process does not exist.
 */
export const leftovers = (data: string, open: ReadonlySet<string>, now: number): string[] => {
  const found: string[] = [];
  for (const directory of [...nightsOf(data), 'work', 'references']) {
    for (const path of filesBelow(join(data, directory))) {
      const name = basename(path);
      if (!PARTIAL.test(name) || open.has(path)) continue;
      const [, pid] = OWNER.exec(name) ?? [];
      if (pid !== undefined && exists(Number(pid))) continue;
      const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
      if (written !== undefined && now - written > DAY_MS) found.push(path);
    }
  }
  return found;
};
