import type { ReferenceRule } from '../rule.ts';
import { BY_GRATING, DETECTOR, FILTER, GRATING, SCALE } from './common.ts';

/** Micron in vacuum; IRIS sees 0.84 to 2.4. */
export const wavemap: ReferenceRule = {
  type: 'wavemap',
  title: 'wavelength of every pixel',
  chosenBy: BY_GRATING,
  keywords: [DETECTOR, FILTER, GRATING, SCALE],
  extensions: [
    {
      names: ['WAVELENGTH', 'SCI', 'DATA', 'PRIMARY'],
      kind: 'image',
      missing: 'error',
      axes: [2, 3],
      pixels: 'real',
      units: ['um', 'micron'],
      checks: [
        { check: 'finite', share: 0.5 },
        { check: 'range', above: 0.5, atMost: 3 },
      ],
    },
  ],
};
