import { type CacheLayout, type Context, CrdsError, contextsOf, referenceFiles } from '@iris-drs/crds';
import { parse } from '../../args.ts';
import { usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { CACHE_FLAGS, cacheDirectory, cacheOf } from './cache.ts';
import { withRemote } from './with-remote.ts';

const KINDS = ['contexts', 'mappings', 'references'] as const;
type Kind = (typeof KINDS)[number];

interface Entry {
  readonly name: string;
  /** Of a context. */
  readonly inForce?: boolean;
  /** Of a reference; null when the cache lacks the file. */
  readonly size?: number | null;
}

const referencesOf = async (
  source: ReturnType<typeof cacheOf>,
  context: Context & CacheLayout,
): Promise<Entry[]> => {
  const entries: Entry[] = [];
  for (const name of referenceFiles(context)) {
    try {
      entries.push({ name, size: (await source.locate(name)).size });
    } catch (error) {
      if (!(error instanceof CrdsError)) throw error;
      entries.push({ name, size: null });
    }
  }
  return entries;
};

const fromService = (address: string, kind: Kind, context: string): Promise<readonly Entry[]> =>
  withRemote(address, async ({ client, ask }) => {
    if (kind === 'contexts') {
      const { contexts, inForce } = await ask(client.listContexts, {});
      return contexts.map(({ context: name }) => ({ name, inForce: name === inForce }));
    }
    if (kind === 'mappings') {
      if (context !== '') throw usageError('a service lists the mappings of the context in force alone');
      const { mappings } = await ask(client.getContext, {});
      return mappings.map((name) => ({ name }));
    }
    const { references } = await ask(client.listReferences, { context, referenceTypes: [] });
    const found = new Map(references.map(({ file, present, size }) => [file, present ? size : null]));
    return [...found].map(([name, size]) => ({ name, size }));
  });

const text = ({ name, inForce, size }: Entry): string => {
  if (inForce !== undefined) return `${inForce ? '*' : ' '} ${name}\n`;
  if (size === undefined) return `${name}\n`;
  return `${size === null ? 'not in the cache'.padStart(16) : String(size).padStart(16)}  ${name}\n`;
};

/**
 * `drs refs list [contexts|mappings|references]`: the contexts of the cache, that in force marked; the mappings of a
 * context; the references its rules name, with their bytes.
 */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(
    args,
    {
      ...CACHE_FLAGS,
      remote: { type: 'string' },
      contexts: { type: 'boolean' },
      mappings: { type: 'boolean' },
      references: { type: 'boolean' },
    },
    usage,
  );
  const asked = [...positionals, ...KINDS.filter((kind) => values[kind])];
  const [kind = 'contexts', ...more] = asked;
  if (more.length > 0 || !KINDS.includes(kind as Kind)) {
    throw usageError(`list ${asked.join(' ')}: expected one of ${KINDS.join(', ')}\nusage: drs ${usage}`);
  }
  if (values.remote !== undefined) {
    for (const entry of await fromService(values.remote, kind as Kind, values.context ?? ''))
      await print(values.json ? `${JSON.stringify(entry)}\n` : text(entry));
    return 0;
  }
  const source = cacheOf(values);
  const context = await source.loaded();
  const entries: Entry[] =
    kind === 'contexts'
      ? contextsOf(cacheDirectory(values))
          .map(({ context: name }) => ({ name, inForce: name === context.name }))
          .sort((a, b) => (a.name < b.name ? -1 : 1))
      : kind === 'mappings'
        ? [...context.mappings, ...context.problems.keys()].map((name) => ({ name }))
        : await referencesOf(source, context);
  for (const entry of entries) await print(values.json ? `${JSON.stringify(entry)}\n` : text(entry));
  for (const [, problem] of context.problems) process.stderr.write(`drs: ${problem.message}\n`);
  return context.problems.size > 0 && kind !== 'contexts' ? 1 : 0;
};
