import type { ReferenceRule } from '../rule.ts';
import { AIRMASS, BY_GRATING, DETECTOR, FILTER, GRATING } from './common.ts';

export const telluric: ReferenceRule = {
  type: 'telluric',
  title: 'transmission of the atmosphere',
  chosenBy: BY_GRATING,
  keywords: [DETECTOR, FILTER, GRATING, AIRMASS],
  extensions: [
    {
      names: ['SCI', 'TELLURIC', 'DATA', 'PRIMARY'],
      kind: 'image',
      missing: 'error',
      axes: [1, 2, 3],
      pixels: 'real',
      checks: [
        { check: 'finite', share: 0.9 },
        { check: 'range', atLeast: 0, severity: 'warning' },
      ],
    },
  ],
};
