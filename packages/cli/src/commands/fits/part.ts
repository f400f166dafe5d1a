import type { Hdu, HduInit, Image, Table } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import type { Rows } from './rows.ts';

/**
 * Writes one HDU, or some of its rows, as a file of its own. Keywords are kept; the reference pixel of an image
 * moves with the rows that are left out.
 */
export const writePart = (
  output: string,
  hdu: Hdu,
  content:
    | { readonly kind: 'image'; readonly image: Image }
    | { readonly kind: 'table'; readonly table: Table },
  rows: Rows | undefined,
): void => {
  const header = hdu.header.clone();
  const named = { ...(hdu.name && hdu.name !== 'PRIMARY' ? { name: hdu.name, version: hdu.version } : {}) };
  if (content.kind === 'table') {
    writeFile(output, [{ kind: 'bintable', ...named, header, columns: content.table.columns }]);
    return;
  }
  const reference = header.get('CRPIX2');
  if (rows && typeof reference === 'number') header.set('CRPIX2', reference - rows[0]);
  const { shape, data } = content.image;
  const image: HduInit = { kind: 'image', ...named, header, shape, data };
  writeFile(output, hdu.index === 0 ? [image] : [{ kind: 'image', shape: [] }, image]);
};
