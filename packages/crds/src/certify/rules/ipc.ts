import type { ReferenceRule } from '../rule.ts';
import { BY_DETECTOR, DETECTOR, IMAGE } from './common.ts';

/** A kernel, of all pixels or of each. */
export const ipc: ReferenceRule = {
  type: 'ipc',
  title: 'inter-pixel capacitance',
  chosenBy: BY_DETECTOR,
  keywords: [DETECTOR],
  extensions: [{ ...IMAGE, axes: [2, 4], checks: [{ check: 'finite', share: 1 }] }],
};
