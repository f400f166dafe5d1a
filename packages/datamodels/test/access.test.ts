import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { compressImage } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import { describe, expect, it } from 'vitest';
import { openRamp } from '../src/index.ts';
import { messageOf, temporary } from './support.ts';

const path = temporary();
const primary = { kind: 'image', shape: [] } as const;
const reads = { kind: 'image', name: 'SCI', shape: [1, 2, 8, 9], data: new Uint16Array(144) } as const;

describe('a packed ramp', () => {
  it("is refused with what to do about it: gzip'ed, or in tiles", async () => {
    writeFile(path('plain_uncal.fits'), [primary, reads]);
    writeFileSync(path('zipped_uncal.fits.gz'), gzipSync(readFileSync(path('plain_uncal.fits'))));
    writeFile(path('tiled_uncal.fits'), [primary, compressImage(reads)]);
    const advice =
      'expected plain FITS, of which single rows can be read. Unpack it first: drs fits decompress FILE -o PLAIN.fits.';
    expect(await messageOf(openRamp(path('zipped_uncal.fits.gz')))).toBe(
      `DataModelError: zipped_uncal.fits.gz[SCI]: found a gzip'ed file, ${advice}`,
    );
    expect(await messageOf(openRamp(path('tiled_uncal.fits')))).toBe(
      `DataModelError: tiled_uncal.fits[SCI]: found a tile-compressed image, ${advice}`,
    );
  });
});
