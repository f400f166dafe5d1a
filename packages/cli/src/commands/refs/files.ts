import { existsSync, readFileSync, statSync } from 'node:fs';
import { type Context, findContext, locateMapping } from '@iris-drs/crds';
import { CliError } from '../../errors.ts';
import { type CacheChoice, cacheDirectory } from './cache.ts';

/** No mapping is larger; those of whole observatories stay below a megabyte. */
export const MAX_MAPPING_BYTES = 1 << 26;

/**
 * Path of a mapping that is given as a path, or by its name in the cache.
 * @throws CrdsError ContextNotFound for a .pmap, MappingNotFound for others, UnsafeName; what `cacheDirectory` throws
 */
export const mappingPath = (name: string, choice: CacheChoice): string => {
  if (name.includes('/') || existsSync(name)) return name;
  const context = name.endsWith('.pmap') ? name : choice.context;
  return locateMapping(findContext(cacheDirectory(choice), { context }), name);
};

/** @throws CliError 1 for what is no file, too large for a mapping, or not UTF-8 */
export const mappingText = (path: string): string => {
  const stat = statSync(path);
  if (!stat.isFile()) throw new CliError(1, `${path}: is no file`);
  if (stat.size > MAX_MAPPING_BYTES) {
    throw new CliError(1, `${path}: ${stat.size} bytes; a mapping has at most ${MAX_MAPPING_BYTES}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CliError(1, `${path}: is no UTF-8 text; a mapping is`, error);
  }
};

/** @throws CliError when a mapping below another cannot be loaded: half of them is neither copied nor compared */
export const refuseProblems = (name: string, { problems }: Pick<Context, 'problems'>): void => {
  const [problem] = problems.values();
  if (problem) throw new CliError(1, `${name} is not whole: ${problem.message}`, problem);
};
