import type { ReferenceRule } from '../rule.ts';
import { BY_SUBARRAY, COMPANIONS, DETECTOR, SUBARRAY } from './common.ts';

export const superbias: ReferenceRule = {
  type: 'superbias',
  title: 'read at zero signal',
  otherNames: ['bias'],
  chosenBy: BY_SUBARRAY,
  keywords: [DETECTOR, SUBARRAY],
  extensions: [
    {
      names: ['SCI', 'DATA', 'PRIMARY', 'BIAS'],
      kind: 'image',
      missing: 'error',
      axes: [2],
      pixels: 'real',
      units: ['DN'],
      checks: [{ check: 'finite', share: 0.9 }],
    },
    ...COMPANIONS,
  ],
};
