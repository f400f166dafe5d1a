import type { ReferenceRule } from '../rule.ts';
import { BY_DISTORTION, COMPANIONS, DETECTOR, FILTER } from './common.ts';

/** From which the distortion map is made. */
export const pinhole: ReferenceRule = {
  type: 'pinhole',
  title: 'pinhole grid',
  chosenBy: BY_DISTORTION,
  keywords: [DETECTOR, FILTER],
  extensions: [
    {
      names: ['SCI', 'DATA', 'PRIMARY'],
      kind: 'image',
      missing: 'error',
      axes: [2, 3],
      pixels: 'real',
      checks: [
        { check: 'finite', share: 0.9 },
        { check: 'varies', severity: 'warning' },
      ],
    },
    ...COMPANIONS,
  ],
};
