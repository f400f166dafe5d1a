import { basename } from 'node:path';
import { CrdsError } from '../errors.ts';
import { instrumentsOf, layoutOf } from './layout.ts';
import { readRegular } from './regular-file.ts';
import { type StoredReference, stageReference } from './stage-reference.ts';

export interface PutOptions {
  /** Name in the cache; default the last part of the path. */
  readonly file?: string | undefined;
  /** Whose references it joins; default what its name says (`tmt_iris_flat_0001.fits`), else the only one there is. */
  readonly instrument?: string | undefined;
}

/**
 * Copies a reference file into a cache, whole or not at all; rules are not touched. A name never changes its bytes:
 * the same file once more is welcome, another one is not.
 *
 * @param cache  directory of the CRDS cache
 * @param path   a regular file
 * @throws CrdsError NotAReference, UnsafeName, ReferenceExists, CacheFull
 */
export const putReference = async (
  cache: string,
  path: string,
  options: PutOptions = {},
): Promise<StoredReference> => {
  const layout = layoutOf(cache);
  const { file = basename(path) } = options;
  const known = instrumentsOf(layout);
  const said = file.toLowerCase().split('_')[1] ?? '';
  const instrument =
    options.instrument ?? (known.includes(said) ? said : known.length === 1 ? known[0] : undefined);
  if (instrument === undefined) {
    const message = `${file} names none of the instruments ${known.join(', ') || '(there is none yet)'}; say which one it belongs to.`;
    throw new CrdsError('NotAReference', message, { file });
  }
  const staged = await stageReference(layout, file, readRegular(path));
  try {
    return await staged.commit(instrument);
  } finally {
    staged.discard();
  }
};
