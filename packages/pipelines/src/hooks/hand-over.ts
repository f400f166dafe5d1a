import { statSync } from 'node:fs';
import { closeImage, type ImageModel, openImage, saveImage } from '@iris-drs/datamodels';
import type { Header } from '@iris-drs/fits';
import type { Engine } from '@iris-drs/kernels';
import { PipelineError } from '../errors.ts';

const PLANES = ['sci', 'dq', 'varPoisson', 'varRnoise'] as const;
const OPTIONAL = ['varFlat', 'wmap'] as const;

const stampOf = (path: string): string | undefined => {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
};

/** Whoever has the header keeps it, so its cards change and it does not. */
const replaceCards = (header: Header, by: Header): void => {
  for (const keyword of new Set(header.cards.map((card) => card.keyword))) header.delete(keyword);
  for (const card of by.cards) header.push(card);
};

/** What a file says of itself as a file; the frame keeps what it said before. */
const OF_THE_FILE = ['FILENAME', 'DATAMODL', 'DATE'];

const takeBack = (model: ImageModel, changed: ImageModel): void => {
  for (const name of PLANES) model[name].data.set(changed[name].data);
  for (const name of OPTIONAL) {
    const [old, fresh] = [model[name], changed[name]];
    if (old && fresh) old.data.set(fresh.data);
    else if (fresh) Object.assign(model, { [name]: fresh });
    else if (old) {
      old.release();
      delete (model as { -readonly [K in (typeof OPTIONAL)[number]]?: ImageModel[K] })[name];
    }
    // What the model has taken over is not closed with the other.
    if (fresh && !old)
      delete (changed as { -readonly [K in (typeof OPTIONAL)[number]]?: ImageModel[K] })[name];
  }
  for (const keyword of OF_THE_FILE) {
    const value = model.header.get(keyword);
    if (value === undefined) changed.header.delete(keyword);
    else changed.header.set(keyword, value);
  }
  replaceCards(model.header, changed.header);
  replaceCards(model.sciHeader, changed.sciHeader);
  Object.assign(model, { extra: changed.extra, units: changed.units });
};

/**
 * Lends a frame out as a FITS file, and takes it back where that file was written in the meantime: pixels, flags,
 * variances, headers and further extensions. The frame itself stays the same object.
 *
 * @param path  of the file, in a directory that goes afterwards
 * @returns     true when the file was written
 * @throws PipelineError HOOK_FAILED when it has another shape; DataModelError, FitsError when it is no frame any more
 */
export const lendFrame = async (
  engine: Engine,
  model: ImageModel,
  path: string,
  work: () => Promise<void>,
): Promise<boolean> => {
  await saveImage(engine, model, path, { err: true });
  const before = stampOf(path);
  await work();
  const after = stampOf(path);
  if (after === undefined || after === before) return false;
  const changed = await openImage(engine, path, { units: 'keep' });
  using _held = { [Symbol.dispose]: () => closeImage(changed) };
  if (changed.shape[0] !== model.shape[0] || changed.shape[1] !== model.shape[1]) {
    throw new PipelineError(
      'HOOK_FAILED',
      `The hook left a frame of [${changed.shape.join(', ')}] pixels; expected [${model.shape.join(', ')}], as it was given.`,
    );
  }
  takeBack(model, changed);
  return true;
};
