import type { ReferenceRule } from '../rule.ts';
import { BY_FILTER, COMPANIONS, DETECTOR, FILTER } from './common.ts';

export const psf: ReferenceRule = {
  type: 'psf',
  title: 'star for the point-spread function',
  chosenBy: BY_FILTER,
  keywords: [DETECTOR, FILTER, { keyword: 'OBJECT', missing: 'warning', type: 'text' }],
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
        { check: 'median', from: -1e6, to: 1e6, severity: 'warning' },
      ],
    },
    ...COMPANIONS,
  ],
};
