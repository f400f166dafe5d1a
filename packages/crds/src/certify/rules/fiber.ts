import type { ReferenceRule } from '../rule.ts';
import { BY_FILTER, COMPANIONS, DETECTOR, FILTER, IMAGE_OR_CUBE } from './common.ts';

/** For the calibration of the point-spread function. */
export const fiber: ReferenceRule = {
  type: 'fiber',
  title: 'fiber image',
  chosenBy: BY_FILTER,
  keywords: [DETECTOR, FILTER],
  extensions: [IMAGE_OR_CUBE, ...COMPANIONS],
};
