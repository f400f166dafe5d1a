import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DQ } from '@iris-drs/datamodels';
import { Header, type ImageHdu } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import type { Shape2 } from '@iris-drs/kernels';
import { uniform } from './uniform.ts';

/** Inputs of Image2Pipeline, and the one product of its association. */
export interface Image2Files {
  readonly association: string;
  readonly science: string;
  readonly background: string;
  readonly dark: string;
  readonly flat: string;
  readonly product: string;
}

/**
 * A science frame, a background, a dark larger than both and a flat, DN/s, with flags and variances (references: ERR),
 * a few NaN in the dark and zeros in the flat; and the association of the first two.
 */
export const makeImage2Files = (directory: string, shape: Shape2): Image2Files => {
  const pixels = shape[0] * shape[1];
  const header = Header.from([
    ['INSTRUME', 'IRIS'],
    ['DETECTOR', 'IRIS1'],
    ['SUBARRAY', 'FULL'],
    ['FILTER', 'K'],
    ['DATE-OBS', '2019-10-04'],
    ['TIME-OBS', '17:00:00.000'],
    ['EXPTIME', 100],
  ]);
  const floats = (value: (i: number) => number): Float32Array => {
    const data = new Float32Array(pixels);
    for (let i = 0; i < pixels; i++) data[i] = value(i);
    return data;
  };
  const flags = (plane: number, flag: number): Uint32Array => {
    const data = new Uint32Array(pixels);
    for (let i = 0; i < pixels; i++) data[i] = uniform(i, plane) < 0.01 ? flag : 0;
    return data;
  };
  const write = (
    name: string,
    unit: string,
    planes: Readonly<Record<string, Float32Array | Uint32Array>>,
  ): string => {
    const path = join(directory, name);
    const images = Object.entries(planes).map(
      ([hdu, data]): ImageHdu => ({
        kind: 'image',
        name: hdu,
        header: Header.from(hdu === 'SCI' && unit !== '' ? [['BUNIT', unit]] : []),
        shape: [...shape],
        data,
      }),
    );
    writeFile(path, [{ kind: 'image', header, shape: [], dtype: 'uint8' }, ...images]);
    return path;
  };
  const frame = (name: string, level: number, plane: number): string =>
    write(name, 'DN/s', {
      SCI: floats((i) => level + 40 * uniform(i, plane)),
      DQ: flags(plane, DQ.JUMP_DET),
      VAR_POISSON: floats((i) => 9 + uniform(i, plane + 1)),
      VAR_RNOISE: floats((i) => 4 + uniform(i, plane + 2)),
    });
  const science = frame('science_rate.fits', 5100, 0);
  const background = frame('background_rate.fits', 5050, 3);
  const dark = write('dark.fits', 'DN/s', {
    SCI: floats((i) => (uniform(i, 9) < 0.001 ? Number.NaN : 5000 + 50 * uniform(i, 6))),
    DQ: flags(7, DQ.HOT),
    ERR: floats((i) => 0.3 + 0.1 * uniform(i, 8)),
  });
  const flat = write('flat.fits', '', {
    SCI: floats((i) => (uniform(i, 9) > 0.999 ? 0 : 0.9 + 0.2 * uniform(i, 10))),
    DQ: flags(11, DQ.LOW_QE),
    ERR: floats((i) => 0.003 + 0.001 * uniform(i, 12)),
  });
  const association = join(directory, 'asn.json');
  const members = [
    { expname: science, exptype: 'science' },
    { expname: background, exptype: 'background' },
  ];
  const products = [{ name: 'reduced', members }];
  writeFileSync(association, JSON.stringify({ asn_type: 'image2', products }));
  return { association, science, background, dark, flat, product: join(directory, 'reduced_cal.fits') };
};
