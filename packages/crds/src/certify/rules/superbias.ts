import type { ReferenceRule } from '../rule.ts';
import { BY_SUBARRAY, COMPANIONS, DETECTOR, IMAGE, SUBARRAY } from './common.ts';

export const superbias: ReferenceRule = {
  type: 'superbias',
  title: 'read at zero signal',
  otherNames: ['bias'],
  chosenBy: BY_SUBARRAY,
  keywords: [DETECTOR, SUBARRAY],
  extensions: [{ ...IMAGE, names: [...IMAGE.names, 'BIAS'], units: ['DN'] }, ...COMPANIONS],
};
