import type { ReferenceRule } from '../rule.ts';
import { BY_SUBARRAY, COMPANIONS, DETECTOR, SUBARRAY } from './common.ts';

/** Electrons per DN. */
export const gain: ReferenceRule = {
  type: 'gain',
  title: 'gain',
  chosenBy: BY_SUBARRAY,
  keywords: [DETECTOR, SUBARRAY],
  extensions: [
    {
      names: ['GAIN', 'SCI', 'DATA', 'PRIMARY'],
      kind: 'image',
      missing: 'error',
      axes: [2],
      pixels: 'real',
      units: ['electron/DN'],
      checks: [
        { check: 'finite', share: 0.9 },
        { check: 'range', above: 0 },
        { check: 'median', from: 0.1, to: 100, severity: 'warning' },
      ],
    },
    ...COMPANIONS,
  ],
};
