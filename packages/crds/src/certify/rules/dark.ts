import type { ReferenceRule } from '../rule.ts';
import { BY_SUBARRAY, COMPANIONS, DETECTOR, IMAGE, SUBARRAY } from './common.ts';

export const dark: ReferenceRule = {
  type: 'dark',
  title: 'dark current',
  chosenBy: BY_SUBARRAY,
  keywords: [DETECTOR, SUBARRAY, { keyword: 'EXPTIME', type: 'number', above: 0 }],
  extensions: [{ ...IMAGE, units: ['DN', 'DN/s'] }, ...COMPANIONS],
};
