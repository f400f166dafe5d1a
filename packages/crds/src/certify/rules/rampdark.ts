import type { ReferenceRule } from '../rule.ts';
import { BY_SUBARRAY, COMPANIONS, DETECTOR, IMAGE, SUBARRAY } from './common.ts';

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
  extensions: [{ ...IMAGE, axes: [3], units: ['DN'] }, ...COMPANIONS],
};
