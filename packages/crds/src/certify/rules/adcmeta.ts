import type { ReferenceRule } from '../rule.ts';
import { AIRMASS, BY_DETECTOR, DETECTOR } from './common.ts';

/** Metadata: keywords only. */
export const adcmeta: ReferenceRule = {
  type: 'adcmeta',
  title: 'residual of the atmospheric dispersion corrector',
  chosenBy: BY_DETECTOR,
  keywords: [
    DETECTOR,
    { keyword: 'IMGDISVL', missing: 'warning', type: 'text' },
    { keyword: 'IMGDISWV', missing: 'warning', type: 'text' },
    AIRMASS,
  ],
};
