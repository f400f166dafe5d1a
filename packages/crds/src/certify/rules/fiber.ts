import type { ReferenceRule } from '../rule.ts';
import { BY_FILTER, COMPANIONS, DETECTOR, FILTER } from './common.ts';

/** For the calibration of the point-spread function. */
export const fiber: ReferenceRule = {
  type: 'fiber',
  title: 'fiber image',
  chosenBy: BY_FILTER,
  keywords: [DETECTOR, FILTER],
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
    ...COMPANIONS,
  ],
};
