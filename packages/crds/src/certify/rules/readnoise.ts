import type { ReferenceRule } from '../rule.ts';
import { BY_SUBARRAY, COMPANIONS, DETECTOR, SUBARRAY } from './common.ts';

export const readnoise: ReferenceRule = {
  type: 'readnoise',
  title: 'noise of a read',
  chosenBy: BY_SUBARRAY,
  keywords: [DETECTOR, SUBARRAY, { keyword: 'NOISEKND', type: 'text', values: ['CDS', 'SINGLE'] }],
  extensions: [
    {
      names: ['RN', 'SCI', 'DATA', 'PRIMARY'],
      kind: 'image',
      missing: 'error',
      axes: [2],
      pixels: 'real',
      units: ['DN', 'electron'],
      checks: [
        { check: 'finite', share: 0.9 },
        { check: 'range', atLeast: 0 },
        { check: 'range', atMost: 1e4, severity: 'warning' },
      ],
    },
    ...COMPANIONS,
  ],
};
