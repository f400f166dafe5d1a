import type { ReferenceRule } from '../rule.ts';
import { BY_GRATING, DETECTOR, FILTER, GRATING } from './common.ts';

/** Place of a white-light fiber by wavelength. */
export const dispersion: ReferenceRule = {
  type: 'dispersion',
  title: 'instrumental dispersion',
  chosenBy: BY_GRATING,
  keywords: [DETECTOR, FILTER, GRATING],
  extensions: [
    {
      names: ['SCI', 'DATA', 'PRIMARY'],
      kind: 'image',
      missing: 'error',
      axes: [2, 3],
      pixels: 'real',
      checks: [
        { check: 'finite', share: 0.9 },
        { check: 'varies', severity: 'warning' },
      ],
    },
  ],
};
