import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CrdsError } from '../errors.ts';
import { explainWrite, linkExclusively, makeDirectory } from './exclusive.ts';
import { assertSafeName, fileSize } from './files.ts';
import { type CacheLayout, findReference } from './layout.ts';
import { fileChecksum, readRegular } from './regular-file.ts';

/** A reference file in the cache. */
export interface StoredReference {
  readonly file: string;
  readonly path: string;
  /** SHA-1 of the bytes, as CRDS keeps it. */
  readonly sha1: string;
  readonly size: number;
  /** False: the same file was there. */
  readonly added: boolean;
}

/** A copy of a reference on the disk of the cache, flushed, which no reader finds yet. */
export interface StagedReference {
  readonly file: string;
  /** Where the copy lies until `discard`; its last part is `file`. */
  readonly path: string;
  readonly sha1: string;
  readonly size: number;
  /**
   * Gives it its name among the references of an instrument.
   * @throws CrdsError ReferenceExists when that names other bytes
   */
  commit(instrument: string): Promise<StoredReference>;
  /** Removes the copy; needed after `commit` too. */
  discard(): void;
}

const STAGING = /^\.incoming-/;

const baseOf = ({ path, observatory }: CacheLayout): string => join(path, 'references', observatory);

const oneDirectoryForAll = (layout: CacheLayout): boolean => {
  const mode = join(layout.path, 'config', layout.observatory, 'ref_cache_subdir_mode');
  if (fileSize(mode) !== undefined) return readFileSync(mode, 'utf8').trim() === 'flat';
  // A cache that does not say tells by what is there.
  const entries = readdirSync(baseOf(layout), { withFileTypes: true });
  const visible = entries.filter(({ name }) => !name.startsWith('.'));
  return visible.some((entry) => entry.isFile()) && !visible.some((entry) => entry.isDirectory());
};

/** Directory that new references of an instrument go to. */
const referenceDirectory = (layout: CacheLayout, instrument: string): string => {
  if (oneDirectoryForAll(layout)) return baseOf(layout);
  assertSafeName(instrument);
  return join(baseOf(layout), instrument.toLowerCase());
};

const writeAll = async (
  path: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ sha1: string; size: number }> => {
  const hash = createHash('sha1');
  let size = 0;
  await using file = await open(path, 'wx');
  for await (const part of bytes) {
    hash.update(part);
    for (let at = 0; at < part.length; ) at += (await file.write(part, at)).bytesWritten;
    size += part.length;
  }
  await file.sync();
  return { sha1: hash.digest('hex'), size };
};

const stageBeside = async (directory: string, file: string, bytes: AsyncIterable<Uint8Array>) => {
  const staging = join(directory, `.incoming-${randomUUID()}`);
  const path = join(staging, file);
  const discard = (): void => rmSync(staging, { recursive: true, force: true });
  try {
    makeDirectory(staging);
    return { path, discard, ...(await writeAll(path, bytes)) };
  } catch (error) {
    discard();
    return explainWrite(error, file, directory);
  }
};

/** As `linkExclusively`, also into a directory on another disk. */
const linkOrCopy = async (from: string, to: string, file: string): Promise<boolean> => {
  try {
    return linkExclusively(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
  }
  const near = await stageBeside(dirname(to), file, readRegular(from));
  try {
    return linkExclusively(near.path, to);
  } finally {
    near.discard();
  }
};

/**
 * Writes a reference to the disk of the cache and flushes it; nobody sees it before `commit`.
 *
 * @param file   its name in the cache
 * @param bytes  parts in order
 * @throws CrdsError UnsafeName, CacheFull; what `bytes` throws
 */
export const stageReference = async (
  layout: CacheLayout,
  file: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<StagedReference> => {
  assertSafeName(file);
  const staged = await stageBeside(baseOf(layout), file, bytes);
  const { sha1, size } = staged;
  const commit = async (instrument: string): Promise<StoredReference> => {
    const place = join(referenceDirectory(layout, instrument), file);
    makeDirectory(dirname(place));
    const there = findReference(layout, file);
    if (there === undefined && (await linkOrCopy(staged.path, place, file)))
      return { file, path: place, sha1, size, added: true };
    const path = there ?? place;
    const [known, ours] = [statSync(path, { throwIfNoEntry: false }), statSync(staged.path)];
    const found = known?.ino === ours.ino && known.dev === ours.dev ? { sha1 } : await fileChecksum(path);
    if (found.sha1 === sha1) return { file, path, sha1, size, added: false };
    const message = `${file} is in the cache with other bytes (sha1 ${found.sha1}, not ${sha1}). References never change: give the new one a new name.`;
    throw new CrdsError('ReferenceExists', message, { file });
  };
  return { file, path: staged.path, sha1, size, commit, discard: staged.discard };
};

/** Removes what writers that were killed have left: copies begun more than a day ago. */
export const sweepStaging = (layout: CacheLayout, now = Date.now()): number => {
  const base = baseOf(layout);
  if (!statSync(base, { throwIfNoEntry: false })?.isDirectory()) return 0;
  const entries = readdirSync(base, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const instruments = entries.filter(({ name }) => !STAGING.test(name)).map(({ name }) => join(base, name));
  // Writers that live finish while this looks on.
  const old = (path: string): boolean => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found !== undefined && now - found.mtimeMs > 24 * 3600 * 1000;
  };
  const left = [base, ...instruments]
    .flatMap((directory) => readdirSync(directory).map((name) => ({ name, path: join(directory, name) })))
    .filter(({ name, path }) => STAGING.test(name) && old(path));
  for (const { path } of left) rmSync(path, { recursive: true, force: true });
  return left.length;
};
