import type { ReferenceRule } from '../rule.ts';
import { BY_FILTER, COMPANIONS, DETECTOR, FILTER } from './common.ts';

export const fluxstar: ReferenceRule = {
  type: 'fluxstar',
  title: 'flux calibration star',
  chosenBy: BY_FILTER,
  keywords: [
    DETECTOR,
    FILTER,
    { keyword: 'OBJECT', missing: 'error', type: 'text' },
    { keyword: 'EXPTIME', missing: 'error', type: 'number', above: 0 },
  ],
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
