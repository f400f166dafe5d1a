import type { ReferenceRule } from '../rule.ts';
import { BY_SUBARRAY, DETECTOR, DQ, DQ_DEF, SUBARRAY } from './common.ts';

/** DN as read, bias included. */
export const saturation: ReferenceRule = {
  type: 'saturation',
  title: 'saturation threshold',
  chosenBy: BY_SUBARRAY,
  keywords: [DETECTOR, SUBARRAY],
  extensions: [
    {
      names: ['SAT_THRESH', 'SCI', 'DATA', 'PRIMARY'],
      kind: 'image',
      missing: 'error',
      axes: [2],
      pixels: 'real',
      units: ['DN'],
      checks: [
        { check: 'finite', share: 0.5 },
        { check: 'range', above: 0 },
        { check: 'median', from: 1000, to: 1e7, severity: 'warning' },
      ],
    },
    DQ,
    DQ_DEF,
  ],
};
