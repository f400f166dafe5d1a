import type { ReferenceRule } from '../rule.ts';
import { BY_GRATING, DETECTOR, FILTER, GRATING, IMAGE_OR_CUBE } from './common.ts';

/** Place of a white-light fiber by wavelength. */
export const dispersion: ReferenceRule = {
  type: 'dispersion',
  title: 'instrumental dispersion',
  chosenBy: BY_GRATING,
  keywords: [DETECTOR, FILTER, GRATING],
  extensions: [IMAGE_OR_CUBE],
};
