import { statSync } from 'node:fs';
import { join } from 'node:path';
import { changesMade } from './changes.ts';
import { entryPath } from './history.ts';
import type { FoundContext } from './layout.ts';

/** Calls this close to the last look do not look again: one could not have learnt of a change in between. */
const BLINK_MS = 0.1;
/** A mapping that was edited in place, which shows in nothing but itself, is noticed this late. */
const THOROUGH_MS = 500;
/** Kernels tell the times of changes in steps of up to 10 ms: a directory that changed just now may do so again unseen. */
const SETTLED_MS = 50;

const environment = (): string => `${process.env.CRDS_CONTEXT} ${process.env.CRDS_OBSERVATORY}`;

/** Tells, at the price of two `stat` calls, whether the choice of a context may have changed since it was made. */
export interface Follower {
  /** False: certainly not, as far as this machine can see. */
  stale(): boolean;
}

/**
 * Follows what decides over the context in force: the next entry of the history, files that come into the directory
 * of mappings, the environment, and what this process itself has written.
 */
export const follow = ({ path, observatory, serial }: FoundContext): Follower => {
  const directory = join(path, 'mappings', observatory);
  const next = serial === undefined ? undefined : entryPath({ path, observatory }, serial + 1);
  const modified = (): number => statSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? 0;

  const begun = modified();
  const settled = Math.abs(Date.now() - begun) > SETTLED_MS;
  const [made, chosen, made_at] = [changesMade(), environment(), performance.now()];
  let looked = made_at;
  return {
    stale() {
      const now = performance.now();
      if (made !== changesMade()) return true;
      if (now - looked < BLINK_MS) return false;
      looked = now;
      if (!settled || now - made_at > THOROUGH_MS || chosen !== environment()) return true;
      if (next !== undefined && statSync(next, { throwIfNoEntry: false }) !== undefined) return true;
      return modified() !== begun;
    },
  };
};
