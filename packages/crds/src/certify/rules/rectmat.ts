import type { ReferenceRule } from '../rule.ts';
import { BY_GRATING, DETECTOR, FILTER, GRATING, SCALE } from './common.ts';

/** Response of every lenslet, from lenslet scans. */
export const rectmat: ReferenceRule = {
  type: 'rectmat',
  title: 'rectification matrix of the lenslets',
  chosenBy: BY_GRATING,
  keywords: [DETECTOR, FILTER, GRATING, SCALE],
  extensions: [
    {
      names: ['MATRIX', 'RECTMAT', 'SCI', 'DATA', 'PRIMARY'],
      kind: 'image',
      missing: 'error',
      axes: [2, 3],
      pixels: 'real',
      checks: [
        { check: 'finite', share: 0.99 },
        { check: 'varies', severity: 'warning' },
      ],
    },
  ],
};
