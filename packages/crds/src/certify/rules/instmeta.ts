import type { ReferenceRule } from '../rule.ts';
import { BY_DETECTOR, DETECTOR } from './common.ts';

/** Metadata: keywords only. */
export const instmeta: ReferenceRule = {
  type: 'instmeta',
  title: 'instrument configuration',
  chosenBy: BY_DETECTOR,
  keywords: [
    DETECTOR,
    { keyword: 'FILTER', missing: 'warning', type: 'text' },
    { keyword: 'PUPIL', type: 'text' },
    { keyword: 'IFSMODE', type: 'text' },
  ],
};
