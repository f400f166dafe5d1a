import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CrdsError, MappingFormatError } from '../errors.ts';
import { assertNoPointer, assertSafeName, fileSize } from './files.ts';
import { newestEntry } from './history.ts';

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

/** A context and how it was found. */
export interface FoundContext extends CacheLayout {
  readonly context: string;
  /** Number of the history entry that names it; 0 when there is no history, undefined when it was asked for by name. */
  readonly serial: number | undefined;
}

const directories = (path: string): string[] => {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
  // Only links are looked up: a directory of references may hold very many files.
  return readdirSync(path, { withFileTypes: true })
    .filter(
      (entry) =>
        !entry.name.startsWith('.') &&
        (entry.isDirectory() ||
          (entry.isSymbolicLink() &&
            statSync(join(path, entry.name), { throwIfNoEntry: false })?.isDirectory())),
    )
    .map(({ name }) => name);
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

/** The observatory of a cache that is meant when no context is named. @throws CrdsError ContextNotFound */
const observatoryOf = (
  root: string,
  found: readonly { observatory: string }[],
  named: string | undefined,
  strict = false,
): string => {
  const here = new Set(found.map(({ observatory }) => observatory));
  if (named !== undefined && here.has(named)) return named;
  // The environment of another observatory's work does no harm where there is no choice.
  if (!strict && here.size === 1) return [...here][0]!;
  const [only] = here;
  if (named !== undefined || only === undefined) {
    const message = `No context (.pmap) under ${join(root, 'mappings')}. Set CRDS_PATH to a CRDS cache directory.`;
    throw new CrdsError('ContextNotFound', message);
  }
  if (here.size === 1) return only;
  const several = [...here].join(', ');
  const message = `${root} holds contexts of ${several}. Name one by CRDS_CONTEXT or set CRDS_OBSERVATORY.`;
  throw new CrdsError('ContextNotFound', message);
};

/** The part of a cache directory that is meant: CRDS_OBSERVATORY's, or the only one. @throws CrdsError ContextNotFound */
export const layoutOf = (
  cache: string,
  observatory: string | undefined = process.env.CRDS_OBSERVATORY,
): CacheLayout => {
  const path = resolve(cache);
  return {
    path,
    observatory: observatoryOf(path, contextsOf(path), observatory?.toLowerCase() || undefined),
  };
};

/**
 * The context in force and the part of the cache it belongs to: the argument, else CRDS_CONTEXT, else what the newest
 * entry of the cache's history names, else, without a history, the .pmap with the highest number in its name
 * (`tmt_0002.pmap`). The symbolic names of CRDS, which ask a server, mean the one in force here.
 *
 * @throws CrdsError ContextNotFound, HistoryBroken
 */
export const findContext = (path: string, choice: ContextChoice = {}): FoundContext => {
  const env = choice.env ?? process.env;
  const root = resolve(path);
  const found = contextsOf(root);
  const wanted = choice.context || env.CRDS_CONTEXT || 'latest';
  const known = (observatory?: string): string =>
    found
      .filter((each) => observatory === undefined || each.observatory === observatory)
      .map(({ context }) => context)
      .join(', ') || 'no context at all';
  if (SYMBOLIC.test(wanted)) {
    const asked = /^([a-z]+)-/.exec(wanted)?.[1];
    const named = asked ?? (env.CRDS_OBSERVATORY?.toLowerCase() || undefined);
    const observatory = observatoryOf(root, found, named, asked !== undefined);
    const entry = newestEntry({ path: root, observatory });
    if (entry) {
      // Looked up by itself: it may be newer than the list above.
      if (fileSize(join(root, 'mappings', observatory, entry.to)) === undefined) {
        const message = `The context in force, ${entry.to}, is not in ${root}, which has ${known(observatory)}. Put it back, or activate another.`;
        throw new CrdsError('ContextNotFound', message);
      }
      return { path: root, observatory, context: entry.to, serial: entry.serial };
    }
    const here = found.filter((each) => each.observatory === observatory).map(({ context }) => context);
    return { path: root, observatory, context: latest(here)!, serial: 0 };
  }
  assertSafeName(wanted);
  const match = found.find(({ context }) => context === wanted);
  if (match) return { path: root, ...match, serial: undefined };
  throw new CrdsError('ContextNotFound', `The context ${wanted} is not in ${root}, which has ${known()}.`);
};

/** The context in force, whatever CRDS_CONTEXT says: what writers begin with. @throws CrdsError as `findContext` */
export const contextInForce = ({ path, observatory }: CacheLayout): FoundContext =>
  findContext(path, { env: { CRDS_OBSERVATORY: observatory } });

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

/** No mapping is larger; those of whole observatories stay below a megabyte. */
const MAX_MAPPING_BYTES = 1 << 26;

/** @throws CrdsError as `locateMapping`; MappingFormatError for what is too large or not UTF-8 */
export const readMapping = (layout: CacheLayout, file: string): string => {
  const place = locateMapping(layout, file);
  const size = fileSize(place) ?? 0;
  if (size > MAX_MAPPING_BYTES) {
    throw new MappingFormatError(`${size} bytes; a mapping has at most ${MAX_MAPPING_BYTES}`, 1, file);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(place));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new MappingFormatError('it is no UTF-8 text; a mapping is', 1, file);
  }
};

/** Instruments that have a directory of references. */
export const instrumentsOf = ({ path, observatory }: CacheLayout): string[] =>
  directories(join(path, 'references', observatory));

/** Where a reference lies, if it is in the cache. @throws CrdsError UnsafeName */
export const findReference = (layout: CacheLayout, file: string): string | undefined => {
  assertSafeName(file);
  const base = join(layout.path, 'references', layout.observatory);
  const isThere = (place: string): boolean => fileSize(place) !== undefined;
  const beside = join(base, file);
  // A directory with all files in it, very many, is not listed for each of them.
  if (isThere(beside)) return beside;
  return instrumentsOf(layout)
    .map((instrument) => join(base, instrument, file))
    .find(isThere);
};

/**
 * Absolute path of a reference file. Both layouts of existing caches are looked at: one directory for each
 * instrument, and all files in one.
 *
 * @throws CrdsError UnsafeName, ReferenceNotFound, ReferenceIsPointer
 */
export const locateReference = (layout: CacheLayout, file: string): string => {
  const place = findReference(layout, file);
  if (place === undefined) {
    const base = join(layout.path, 'references', layout.observatory);
    const message = `The reference ${file} is not in ${base} nor in a directory of it.`;
    throw new CrdsError('ReferenceNotFound', message, { file });
  }
  assertNoPointer(place, file);
  return realpathSync(place);
};
