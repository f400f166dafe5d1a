import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  type Context,
  diffContexts,
  diffInstrumentMappings,
  diffReferenceMappings,
  diffText,
  loadContext,
  loadInstrument,
  parseMapping,
} from '@iris-drs/crds';
import { parse } from '../../args.ts';
import { CliError, usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { CACHE_FLAGS, type CacheChoice } from './cache.ts';
import { mappingPath, mappingText, refuseProblems } from './files.ts';

/** A mapping and those below it: of the cache, or of the directory that its file lies in. */
const loadAt = async <T extends Pick<Context, 'problems'>>(
  load: (name: string, read: (file: string) => string) => Promise<T>,
  name: string,
  choice: CacheChoice,
): Promise<T> => {
  const path = mappingPath(name, choice);
  const beside = (file: string): string => join(dirname(path), file);
  const loaded = await load(basename(path), (file) =>
    mappingText(existsSync(beside(file)) ? beside(file) : mappingPath(file, choice)),
  );
  // What differs in a mapping that cannot be loaded is not known.
  refuseProblems(basename(path), loaded);
  return loaded;
};

const rulesAt = (name: string, choice: CacheChoice) => {
  const path = mappingPath(name, choice);
  const mapping = parseMapping(mappingText(path), basename(path));
  if (mapping.kind === 'reference') return mapping;
  throw new CliError(1, `${path}: is no .rmap`);
};

const differencesOf = async (a: string, b: string, choice: CacheChoice) => {
  const are = (extension: string): boolean => [a, b].every((name) => name.endsWith(extension));
  if (are('.pmap'))
    return diffContexts(await loadAt(loadContext, a, choice), await loadAt(loadContext, b, choice));
  if (are('.imap')) {
    const [old, now] = [basename(a), basename(b)];
    const differences = diffInstrumentMappings(
      [old, await loadAt(loadInstrument, a, choice)],
      [now, await loadAt(loadInstrument, b, choice)],
    );
    return { old, new: now, differences };
  }
  if (are('.rmap')) {
    const [old, now] = [rulesAt(a, choice), rulesAt(b, choice)];
    return { old: old.file, new: now.file, differences: diffReferenceMappings(old, now) };
  }
  throw usageError(`${a} and ${b}: expected two contexts (.pmap), two .imap or two .rmap files`);
};

/** `drs refs diff A B`: what differs between two contexts, .imap or .rmap files, as `crds diff` prints it. Exit code 1 if anything. */
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
