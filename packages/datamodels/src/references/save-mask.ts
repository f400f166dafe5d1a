/** Writing bad-pixel masks, as iris_pipeline's TMTMaskModel has them. */
import { basename } from 'node:path';
import { Header, type ImageHdu, type TableHdu } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import type { Shape2 } from '@iris-drs/kernels';
import { DQ, type FlagName } from '../dq.ts';
import { contentOf } from '../headers.ts';

/** DQ_DEF of our table: what each bit means, for software that has another. */
const definitions = (): TableHdu => {
  const names = Object.keys(DQ) as FlagName[];
  return {
    kind: 'bintable',
    name: 'DQ_DEF',
    columns: [
      { name: 'BIT', data: Int32Array.from(names, (_, bit) => bit) },
      { name: 'VALUE', data: Float64Array.from(names, (name) => DQ[name]) },
      { name: 'NAME', data: names },
      { name: 'DESCRIPTION', data: names.map((name) => name.toLowerCase().replaceAll('_', ' ')) },
    ],
  };
};

/**
 * Writes a bad-pixel mask: DQ as uint32 and DQ_DEF, which names its bits; atomically.
 *
 * @param flags   `[ny, nx]`, bits of the DQ table
 * @param header  DETECTOR and what else rules ask for
 */
export const saveMask = (
  path: string,
  { flags, shape, header }: { readonly flags: Uint32Array; readonly shape: Shape2; readonly header: Header },
): void => {
  const primary = contentOf(header)
    .set('FILENAME', basename(path), 'name of the file')
    .set('DATAMODL', 'TMTMaskModel', 'type of data model')
    .set('REFTYPE', 'MASK', 'type of reference');
  const dq: ImageHdu = {
    ...{ kind: 'image', name: 'DQ', version: 1, header: Header.from([]) },
    ...{ shape: [...shape], data: Uint32Array.from(flags) },
  };
  writeFile(path, [{ kind: 'image', header: primary, shape: [], dtype: 'uint8' }, dq, definitions()]);
};
