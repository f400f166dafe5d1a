import type { ReferenceRule } from '../rule.ts';
import { BY_FILTER, COMPANIONS, DETECTOR, FILTER } from './common.ts';

/** An image or a cube of empty sky. */
export const sky: ReferenceRule = {
  type: 'sky',
  title: 'sky frame',
  chosenBy: BY_FILTER,
  keywords: [DETECTOR, FILTER, { keyword: 'EXPTIME', missing: 'error', type: 'number', above: 0 }],
  extensions: [
    {
      names: ['SCI', 'DATA', 'PRIMARY'],
      kind: 'image',
      missing: 'error',
      axes: [2, 3],
      pixels: 'real',
      units: ['DN', 'DN/s'],
      checks: [
        { check: 'finite', share: 0.9 },
        { check: 'varies', severity: 'warning' },
      ],
    },
    ...COMPANIONS,
  ],
};
