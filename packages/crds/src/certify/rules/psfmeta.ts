import type { ReferenceRule } from '../rule.ts';
import { BY_FILTER, DETECTOR, FILTER } from './common.ts';

/** Metadata: keywords only. */
export const psfmeta: ReferenceRule = {
  type: 'psfmeta',
  title: 'parameters of the point-spread function',
  chosenBy: BY_FILTER,
  keywords: [
    DETECTOR,
    FILTER,
    { keyword: 'LGSR0', missing: 'warning', type: 'number', above: 0 },
    { keyword: 'LGSTHT0', type: 'number', above: 0 },
  ],
};
