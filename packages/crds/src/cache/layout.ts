import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CrdsError } from '../errors.ts';
import { assertNoPointer, assertSafeName, fileSize } from './files.ts';

/** A CRDS cache directory: mappings/<observatory>/ and references/<observatory>[/<instrument>]/. */
export interface CacheLayout {
  /** Absolute. */
  readonly path: string;
  readonly observatory: string;
}

export interface ContextChoice {
  /** A .pmap name, or `latest`. */
  readonly context?: string | undefined;
  /** The environment's CRDS_CONTEXT and CRDS_OBSERVATORY; default process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const directories = (path: string): string[] => {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(path).filter((name) =>
    statSync(join(path, name), { throwIfNoEntry: false })?.isDirectory(),
  );
};

const contextsIn = (path: string, observatory: string): string[] =>
  readdirSync(join(path, 'mappings', observatory)).filter(
    (name) => name.endsWith('.pmap') && !name.startsWith('.'),
  );

const serialOf = (name: string): number => Number(/_(\d{1,9})\.pmap$/.exec(name)?.[1] ?? -1);

/** Highest serial number of `<observatory>_<number>.pmap`; names without one come before all others, then by name. */
const latest = (contexts: readonly string[]): string | undefined =>
  [...contexts].sort((a, b) => serialOf(a) - serialOf(b) || (a < b ? -1 : 1)).at(-1);

/** Every context of a cache with its observatory. */
export const contextsOf = (root: string): { observatory: string; context: string }[] =>
  directories(join(root, 'mappings')).flatMap((observatory) =>
    contextsIn(root, observatory).map((context) => ({ observatory, context })),
  );

const SYMBOLIC = /^(?:latest|build|[a-z]+-(?:latest|operational|build|edit))$/;

/**
 * The context in force and the part of the cache it belongs to: the argument, else CRDS_CONTEXT, else the latest
 * .pmap in the cache, that is the one with the highest number in its name (`tmt_0002.pmap`). The symbolic names
 * of CRDS, which ask a server, mean the latest here too.
 *
 * @throws CrdsError ContextNotFound
 */
export const findContext = (path: string, choice: ContextChoice = {}): CacheLayout & { context: string } => {
  const env = choice.env ?? process.env;
  const root = resolve(path);
  const found = contextsOf(root).map((each) => ({ path: root, ...each }));
  const wanted = choice.context || env.CRDS_CONTEXT || 'latest';
  const only = env.CRDS_OBSERVATORY?.toLowerCase();
  if (SYMBOLIC.test(wanted)) {
    const named = /^([a-z]+)-/.exec(wanted)?.[1] ?? only;
    const here = found.filter(({ observatory }) => named === undefined || observatory === named);
    const observatories = new Set(here.map(({ observatory }) => observatory));
    if (observatories.size > 1) {
      const several = [...observatories].join(', ');
      const message = `${root} holds contexts of ${several}. Name one by CRDS_CONTEXT or set CRDS_OBSERVATORY.`;
      throw new CrdsError('ContextNotFound', message);
    }
    const name = latest(here.map(({ context }) => context));
    const match = here.find(({ context }) => context === name);
    if (match) return match;
    const message = `No context (.pmap) under ${join(root, 'mappings')}. Set CRDS_PATH to a CRDS cache directory.`;
    throw new CrdsError('ContextNotFound', message);
  }
  assertSafeName(wanted);
  const match = found.find(({ context }) => context === wanted);
  if (match) return match;
  const known = found.map(({ context }) => context).join(', ') || 'no context at all';
  throw new CrdsError('ContextNotFound', `The context ${wanted} is not in ${root}, which has ${known}.`);
};

/** Where a mapping of the cache lies. @throws CrdsError UnsafeName, MappingNotFound, ReferenceIsPointer */
export const locateMapping = ({ path, observatory }: CacheLayout, file: string): string => {
  assertSafeName(file);
  const place = join(path, 'mappings', observatory, file);
  if (fileSize(place) === undefined) {
    throw new CrdsError(
      'MappingNotFound',
      `The mapping ${file} is not in ${join(path, 'mappings', observatory)}.`,
      {
        file,
      },
    );
  }
  assertNoPointer(place, file);
  return place;
};

export const readMapping = (layout: CacheLayout, file: string): string =>
  readFileSync(locateMapping(layout, file), 'utf8');

/**
 * Absolute path of a reference file. Both layouts of existing caches are looked at: one directory for each
 * instrument, and all files in one.
 *
 * @throws CrdsError UnsafeName, ReferenceNotFound, ReferenceIsPointer
 */
export const locateReference = ({ path, observatory }: CacheLayout, file: string): string => {
  assertSafeName(file);
  const base = join(path, 'references', observatory);
  for (const directory of [base, ...directories(base).map((name) => join(base, name))]) {
    const place = join(directory, file);
    if (fileSize(place) === undefined) continue;
    assertNoPointer(place, file);
    return realpathSync(place);
  }
  throw new CrdsError(
    'ReferenceNotFound',
    `The reference ${file} is not in ${base} nor in a directory of it.`,
    {
      file,
    },
  );
};
