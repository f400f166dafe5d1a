import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DerivedMapping } from '../derive/derive.ts';
import { type StagedText, stageText } from './exclusive.ts';
import { assertSafeName } from './files.ts';
import type { CacheLayout } from './layout.ts';

const directoryOf = ({ path, observatory }: CacheLayout): string => join(path, 'mappings', observatory);

/** Tells which names mappings of the cache have. */
export const namesTaken = (layout: CacheLayout): ((name: string) => boolean) => {
  const names = new Set(readdirSync(directoryOf(layout)));
  return (name) => names.has(name);
};

/**
 * Writes mappings under new names: all bytes are on disk before the first has its name, and the .pmap gets its name
 * last.
 *
 * @returns false when another writer has taken one of the names; what was written by then is used by nobody
 * @throws CrdsError CacheFull, UnsafeName
 */
export const writeMappings = (layout: CacheLayout, mappings: readonly DerivedMapping[]): boolean => {
  const staged: StagedText[] = [];
  try {
    for (const { file } of mappings) assertSafeName(file);
    for (const { file, text } of mappings) staged.push(stageText(join(directoryOf(layout), file), text));
    return staged.every((each) => each.commit() !== 'taken');
  } finally {
    for (const each of staged) each.discard();
  }
};
