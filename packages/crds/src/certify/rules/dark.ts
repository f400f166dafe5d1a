import type { ReferenceRule } from '../rule.ts';
import { BY_SUBARRAY, COMPANIONS, DETECTOR, SUBARRAY } from './common.ts';

export const dark: ReferenceRule = {
  type: 'dark',
  title: 'dark current',
  chosenBy: BY_SUBARRAY,
  keywords: [DETECTOR, SUBARRAY, { keyword: 'EXPTIME', type: 'number', above: 0 }],
  extensions: [
    {
      names: ['SCI', 'DATA', 'PRIMARY'],
      kind: 'image',
      missing: 'error',
      axes: [2],
      pixels: 'real',
      units: ['DN', 'DN/s'],
      checks: [{ check: 'finite', share: 0.9 }],
    },
    ...COMPANIONS,
  ],
};
