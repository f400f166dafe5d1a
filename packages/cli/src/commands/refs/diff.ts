import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  type Context,
  diffContexts,
  diffReferenceMappings,
  diffText,
  loadContext,
  parseMapping,
} from '@iris-drs/crds';
import { parse } from '../../args.ts';
import { CliError, usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { CACHE_FLAGS, type CacheChoice } from './cache.ts';
import { mappingPath, mappingText } from './files.ts';

/** A context of the cache, or of the directory that its file lies in. */
const contextAt = (name: string, choice: CacheChoice): Promise<Context> => {
  const path = mappingPath(name, choice);
  const beside = (file: string): string => join(dirname(path), file);
  return loadContext(basename(path), (file) =>
    mappingText(existsSync(beside(file)) ? beside(file) : mappingPath(file, choice)),
  );
};

const rulesAt = (name: string, choice: CacheChoice) => {
  const path = mappingPath(name, choice);
  const mapping = parseMapping(mappingText(path), basename(path));
  if (mapping.kind === 'reference') return mapping;
  throw new CliError(1, `${path}: is no .rmap`);
};

/** @throws CliError for a context with a mapping that cannot be loaded: what differs there is not known */
const whole = (context: Context): Context => {
  const [problem] = context.problems.values();
  if (!problem) return context;
  throw new CliError(1, `${context.name} is not whole: ${problem.message}`, problem);
};

const differencesOf = async (a: string, b: string, choice: CacheChoice) => {
  if (a.endsWith('.pmap') && b.endsWith('.pmap'))
    return diffContexts(whole(await contextAt(a, choice)), whole(await contextAt(b, choice)));
  if (a.endsWith('.rmap') && b.endsWith('.rmap')) {
    const [old, now] = [rulesAt(a, choice), rulesAt(b, choice)];
    return { old: old.file, new: now.file, differences: diffReferenceMappings(old, now) };
  }
  throw usageError(`${a} and ${b}: expected two contexts (.pmap) or two .rmap files`);
};

/** `drs refs diff A B`: what differs between two contexts or .rmap files, as `crds diff` prints it. Exit code 1 if anything. */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(args, CACHE_FLAGS, usage);
  const [a, b, ...more] = positionals;
  if (a === undefined || b === undefined || more.length > 0)
    throw usageError(`two mappings are needed\nusage: drs ${usage}`);
  const found = await differencesOf(a, b, values);
  const { differences } = found;
  if (values.json) await print(`${JSON.stringify({ identical: differences.length === 0, ...found })}\n`);
  else if (differences.length === 0) await print('no differences\n');
  else await print(`${diffText(differences).join('\n')}\n`);
  return differences.length === 0 ? 0 : 1;
};
