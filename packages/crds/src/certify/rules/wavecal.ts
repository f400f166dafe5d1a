import type { ReferenceRule } from '../rule.ts';
import { BY_GRATING, DETECTOR, GRATING, SCALE } from './common.ts';

/** Coefficients of each spectrum. */
export const wavecal: ReferenceRule = {
  type: 'wavecal',
  title: 'wavelength solution',
  chosenBy: BY_GRATING,
  keywords: [DETECTOR, GRATING, SCALE],
  extensions: [
    {
      names: ['WAVECAL', 'SCI', 'DATA', 'PRIMARY'],
      kind: 'image',
      missing: 'warning',
      axes: [2, 3],
      pixels: 'real',
      checks: [{ check: 'finite', share: 0.5 }],
    },
  ],
};
