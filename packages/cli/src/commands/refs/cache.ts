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

/** CRDS_PATH, else ~/crds_cache, where users of iris_pipeline have theirs; undefined when there is neither. */
export const knownCache = (environment: NodeJS.ProcessEnv = process.env): string | undefined => {
  if (environment.CRDS_PATH) return resolve(environment.CRDS_PATH);
  const home = join(environment.HOME ?? homedir(), 'crds_cache');
  return existsSync(join(home, 'mappings')) ? home : undefined;
};

/**
 * Directory of the CRDS cache: `--refs`, else the one that is known.
 * @throws CliError 3 when none is known
 */
export const cacheDirectory = ({ refs }: CacheChoice): string => {
  const directory = refs ? resolve(refs) : knownCache();
  if (directory !== undefined) return directory;
  throw new CliError(3, 'no CRDS cache is known; set CRDS_PATH or give --refs DIR');
};

export const cacheOf = (choice: CacheChoice): LocalReferences =>
  localReferences({ path: cacheDirectory(choice), context: choice.context });
