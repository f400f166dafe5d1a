import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type LocalReferences, localReferences } from '@iris-drs/crds';
import { CliError } from '../../errors.ts';

/** Flags of every command on a cache. */
export const CACHE_FLAGS = {
  refs: { type: 'string' },
  context: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export interface CacheChoice {
  readonly refs?: string | undefined;
  readonly context?: string | undefined;
}

/**
 * Directory of the CRDS cache: `--refs`, CRDS_PATH, else ~/crds_cache if there is one.
 * @throws CliError 3 when none is known
 */
export const cacheDirectory = ({ refs }: CacheChoice): string => {
  const named = refs || process.env.CRDS_PATH;
  if (named) return resolve(named);
  const home = join(process.env.HOME ?? homedir(), 'crds_cache');
  if (existsSync(join(home, 'mappings'))) return home;
  throw new CliError(3, 'no CRDS cache is known; set CRDS_PATH or give --refs DIR');
};

export const cacheOf = (choice: CacheChoice): LocalReferences =>
  localReferences({ path: cacheDirectory(choice), context: choice.context });
