import type { ReferenceRule } from '../rule.ts';
import { BY_FILTER, COMPANIONS, DETECTOR, FILTER, IMAGE_OR_CUBE } from './common.ts';

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
  extensions: [IMAGE_OR_CUBE, ...COMPANIONS],
};
