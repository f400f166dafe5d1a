import { statSync } from 'node:fs';
import { type Aliases, IRIS_ALIASES } from '../aliases.ts';
import { bestReferences, type Context } from '../context.ts';
import { type KnownMappings, loadContext } from '../load.ts';
import type { ReferenceSource } from '../source.ts';
import { badFilesOf, badFilesStamp } from './bad-files.ts';
import { checksumsIgnored } from './environment.ts';
import { type Follower, follow } from './follow.ts';
import {
  type CacheLayout,
  type FoundContext,
  findContext,
  locateMapping,
  locateReference,
  readMapping,
} from './layout.ts';

export interface LocalReferencesOptions {
  /** Directory of the CRDS cache ($CRDS_PATH). */
  readonly path: string;
  /** A .pmap name; default CRDS_CONTEXT, then the latest in the cache. */
  readonly context?: string | undefined;
  /** Load mappings with a wrong sha1sum; default CRDS_IGNORE_MAPPING_CHECKSUM. */
  readonly ignoreChecksum?: boolean | undefined;
  /** Spellings that mean the same; default the detector names of IRIS. */
  readonly aliases?: Aliases | undefined;
}

/** A cache directory as a source of references; what a service over it needs besides. */
export interface LocalReferences extends ReferenceSource {
  /** The context in force, loaded again when the choice or one of its files has changed. */
  loaded(): Promise<Context & CacheLayout>;
  /** Place and bytes of a reference file. @throws CrdsError as `fetch` */
  locate(file: string): Promise<{ readonly path: string; readonly size: number }>;
}

/** Changes with every mapping file of a context. */
const stampOf = (layout: CacheLayout, files: readonly string[]): string =>
  files
    .map((file) => {
      const stat = statSync(locateMapping(layout, file), { bigint: true });
      return `${file} ${stat.ino} ${stat.size} ${stat.mtimeNs}`;
    })
    .join('\n');

/**
 * References of a CRDS cache directory, without any service. Rules are read once and again when they change.
 * @throws CrdsError ContextNotFound and what loading a .pmap throws, from every method
 */
export const localReferences = (options: LocalReferencesOptions): LocalReferences => {
  const { path, context, aliases = IRIS_ALIASES } = options;
  const known: KnownMappings = new Map();
  let held: { loaded: Context & CacheLayout; stamp: string; follower: Follower } | undefined;

  const look = async (found: FoundContext, follower: Follower): Promise<Context & CacheLayout> => {
    const layout = { path: found.path, observatory: found.observatory };
    const stamp = (files: readonly string[]): string | undefined => {
      try {
        return `${stampOf(layout, files)}\n${badFilesStamp(layout)}`;
      } catch {
        return undefined;
      }
    };
    const { loaded: before } = held ?? {};
    const files = before ? [...before.mappings, ...before.problems.keys()] : [];
    const same = before?.name === found.context && before.path === layout.path;
    if (held && same && stamp(files) === held.stamp) {
      held = { ...held, follower };
      return held.loaded;
    }
    const ignoreChecksum = options.ignoreChecksum ?? checksumsIgnored();
    const read = (file: string) => readMapping(layout, file);
    const badFiles = badFilesOf(layout);
    const fresh = {
      ...(await loadContext(found.context, read, { ignoreChecksum, aliases, badFiles, known })),
      ...layout,
    };
    const now = stamp([...fresh.mappings, ...fresh.problems.keys()]);
    held = now === undefined ? undefined : { loaded: fresh, stamp: now, follower };
    return fresh;
  };

  let looking: { context: Promise<Context & CacheLayout>; follower: Follower } | undefined;
  const loaded = async (): Promise<Context & CacheLayout> => {
    if (held && !held.follower.stale()) return held.loaded;
    // Many that ask at once wait for one look, unless something has changed since it began.
    if (looking && !looking.follower.stale()) return looking.context;
    const found = findContext(path, { context });
    // Followed from before the files are read: what changes meanwhile is seen at the next call.
    const follower = follow(found);
    const mine = { context: look(found, follower), follower };
    looking = mine;
    try {
      return await mine.context;
    } finally {
      if (looking === mine) looking = undefined;
    }
  };

  const fetch = async (file: string): Promise<string> => {
    const layout = held && !held.follower.stale() ? held.loaded : findContext(path, { context });
    return locateReference(layout, file);
  };

  return {
    loaded,
    locate: async (file) => {
      const place = await fetch(file);
      return { path: place, size: statSync(place).size };
    },
    fetch,
    context: async () => (await loaded()).name,
    best: async (header, types) => bestReferences(await loaded(), header, types),
  };
};
