import { frameMap, Header, parseWcs } from '@iris-drs/fits';
import { compare, timed } from './compare.ts';
import type { BenchLine, BenchSettings } from './line.ts';
import { asking, type Reference } from './reference.ts';

/** An imager frame: 4 mas pixels with distortion of the third order. */
const HEADER: Readonly<Record<string, string | number>> = {
  NAXIS: 2,
  CTYPE1: 'RA---TAN-SIP',
  CTYPE2: 'DEC--TAN-SIP',
  CRVAL1: 150.1,
  CRVAL2: 2.2,
  CRPIX1: 2048.5,
  CRPIX2: 2048.5,
  CD1_1: -1.1e-6,
  CD1_2: 1e-8,
  CD2_1: 2e-8,
  CD2_2: 1.1e-6,
  A_ORDER: 3,
  B_ORDER: 3,
  A_2_0: 1e-6,
  A_1_1: 2e-7,
  A_0_3: 1e-10,
  B_0_2: 1e-6,
  B_1_1: 5e-7,
  B_3_0: -1e-10,
};

/** Sky coordinates of every pixel of a TAN-SIP frame, into arrays that are reused and into new ones, beside astropy.wcs. */
export const benchSky = async (
  { size, runs }: BenchSettings,
  references: readonly Reference[],
): Promise<BenchLine[]> => {
  const wcs = parseWcs(Header.from(Object.entries(HEADER)));
  const into = wcs.axes.map(() => new Float64Array(size * size));
  const map = timed('TAN-SIP pixel map, one thread, arrays reused', () =>
    frameMap(wcs, [size, size], { into }),
  );
  // The system clears the memory of new arrays first.
  const fresh = timed('TAN-SIP pixel map, one thread, newly allocated arrays', () =>
    frameMap(wcs, [size, size]),
  );
  const astropy = references.filter(({ name }) => name.startsWith('astropy'));
  const request = `map ${size} ${size} ${JSON.stringify(HEADER)}`;
  return compare(
    'fits',
    [
      { ...map, samples: size * size, perCore: true, targetRatio: 20 },
      { ...fresh, samples: size * size, perCore: true },
    ],
    astropy.map((reference) => asking(reference, reference.name, request)),
    runs,
  );
};
