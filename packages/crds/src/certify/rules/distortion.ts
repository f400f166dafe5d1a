import type { ReferenceRule } from '../rule.ts';
import { BY_DISTORTION, DETECTOR, FILTER } from './common.ts';

/** A displacement map, or a distortion in the header or in ASDF. */
export const distortion: ReferenceRule = {
  type: 'distortion',
  title: 'field distortion',
  chosenBy: BY_DISTORTION,
  keywords: [DETECTOR, FILTER],
  extensions: [
    {
      names: ['SCI', 'DX', 'DISTORT', 'PRIMARY'],
      kind: 'image',
      missing: 'warning',
      axes: [2, 3],
      pixels: 'real',
      checks: [{ check: 'finite', share: 0.9 }],
    },
  ],
};
