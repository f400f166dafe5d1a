import type { ReferenceRule } from '../rule.ts';
import { BY_GRATING, COMPANIONS, DETECTOR, GRATING, SCALE } from './common.ts';

export const arc: ReferenceRule = {
  type: 'arc',
  title: 'arc lamp spectra',
  chosenBy: BY_GRATING,
  keywords: [DETECTOR, GRATING, SCALE, { keyword: 'LAMP', missing: 'warning', type: 'text' }],
  extensions: [
    {
      names: ['SCI', 'DATA', 'PRIMARY'],
      kind: 'image',
      missing: 'error',
      axes: [2],
      pixels: 'real',
      checks: [
        { check: 'finite', share: 0.9 },
        { check: 'varies', severity: 'warning' },
      ],
    },
    ...COMPANIONS,
  ],
};
