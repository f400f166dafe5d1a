import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { assertSafeName, findReference } from '@iris-drs/crds';
import { writeAtomically } from '@iris-drs/fits/node';

/** Where the files of an observatory go in a cache directory; names that lead elsewhere are UnsafeName. */
export interface Destination {
  mapping(name: string): string;
  /** The file where it is, else where it shall be. */
  reference(name: string, instrument: string): string;
  /** Makes a fresh directory a cache with a directory for each instrument. */
  prepare(): Promise<void>;
}

type Layout = 'instrument' | 'flat';

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** As the cache says; one that says nothing is flat when it has references side by side. */
const layoutOf = (config: string, references: string): Layout => {
  if (existsSync(config)) return readFileSync(config, 'utf8').trim() === 'flat' ? 'flat' : 'instrument';
  if (!existsSync(references)) return 'instrument';
  return readdirSync(references).some((name) => !name.startsWith('.') && isFile(join(references, name)))
    ? 'flat'
    : 'instrument';
};

export const writeText = async (path: string, text: string): Promise<void> => {
  mkdirSync(dirname(path), { recursive: true });
  await writeAtomically(path, (fd) => writeFileSync(fd, text));
};

/** @throws CrdsError UnsafeName */
export const destinationIn = (path: string, observatory: string): Destination => {
  assertSafeName(observatory);
  const config = join(path, 'config', observatory, 'ref_cache_subdir_mode');
  const references = join(path, 'references', observatory);
  const layout = layoutOf(config, references);
  return {
    mapping(name) {
      assertSafeName(name);
      return join(path, 'mappings', observatory, name);
    },
    reference(name, instrument) {
      assertSafeName(instrument);
      const own = layout === 'flat' ? references : join(references, instrument);
      return findReference({ path, observatory }, name) ?? join(own, name);
    },
    async prepare() {
      if (!existsSync(config)) await writeText(config, layout);
    },
  };
};
