import type { ReferenceRule } from '../rule.ts';
import { BY_DISTORTION, COMPANIONS, DETECTOR, FILTER, IMAGE_OR_CUBE } from './common.ts';

/** From which the distortion map is made. */
export const pinhole: ReferenceRule = {
  type: 'pinhole',
  title: 'pinhole grid',
  chosenBy: BY_DISTORTION,
  keywords: [DETECTOR, FILTER],
  extensions: [IMAGE_OR_CUBE, ...COMPANIONS],
};
