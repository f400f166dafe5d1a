import type { ReferenceRule } from '../rule.ts';
import { BY_SUBARRAY, DETECTOR, DQ_DEF, SUBARRAY } from './common.ts';

export const mask: ReferenceRule = {
  type: 'mask',
  title: 'bad-pixel mask',
  chosenBy: BY_SUBARRAY,
  keywords: [DETECTOR, SUBARRAY],
  extensions: [
    {
      names: ['DQ', 'MASK', 'PRIMARY'],
      kind: 'image',
      missing: 'error',
      axes: [2],
      pixels: 'integer',
      checks: [{ check: 'flagged', share: 0.5, severity: 'warning' }],
    },
    DQ_DEF,
  ],
};
