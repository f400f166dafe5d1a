import type { ReferenceRule } from '../rule.ts';
import { BY_SUBARRAY, COMPANIONS, DETECTOR, SUBARRAY } from './common.ts';

/** The name liger_iris_pipeline gives a superbias. */
export const bias: ReferenceRule = {
  type: 'bias',
  title: 'read at zero signal',
  otherNames: ['superbias'],
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
