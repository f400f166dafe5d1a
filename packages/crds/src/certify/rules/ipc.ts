import type { ReferenceRule } from '../rule.ts';
import { BY_DETECTOR, DETECTOR } from './common.ts';

/** A kernel, of all pixels or of each. */
export const ipc: ReferenceRule = {
  type: 'ipc',
  title: 'inter-pixel capacitance',
  chosenBy: BY_DETECTOR,
  keywords: [DETECTOR],
  extensions: [
    {
      names: ['SCI', 'DATA', 'PRIMARY'],
      kind: 'image',
      missing: 'error',
      axes: [2, 4],
      pixels: 'real',
      checks: [{ check: 'finite', share: 1 }],
    },
  ],
};
