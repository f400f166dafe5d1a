import type { ReferenceRule } from '../rule.ts';
import { BY_SUBARRAY, COMPANIONS, DETECTOR, SUBARRAY } from './common.ts';

export const rampdark: ReferenceRule = {
  type: 'rampdark',
  title: 'dark signal in each read of a ramp',
  chosenBy: BY_SUBARRAY,
  keywords: [
    DETECTOR,
    SUBARRAY,
    { keyword: 'TGROUP', missing: 'warning', type: 'number', above: 0 },
    { keyword: 'NREADS', type: 'integer', atLeast: 1 },
  ],
  extensions: [
    {
      names: ['SCI', 'DATA', 'PRIMARY'],
      kind: 'image',
      missing: 'error',
      axes: [3],
      pixels: 'real',
      units: ['DN'],
      checks: [{ check: 'finite', share: 0.9 }],
    },
    ...COMPANIONS,
  ],
};
