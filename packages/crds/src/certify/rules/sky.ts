import type { ReferenceRule } from '../rule.ts';
import { BY_FILTER, COMPANIONS, DETECTOR, FILTER, IMAGE_OR_CUBE } from './common.ts';

/** An image or a cube of empty sky. */
export const sky: ReferenceRule = {
  type: 'sky',
  title: 'sky frame',
  chosenBy: BY_FILTER,
  keywords: [DETECTOR, FILTER, { keyword: 'EXPTIME', missing: 'error', type: 'number', above: 0 }],
  extensions: [{ ...IMAGE_OR_CUBE, units: ['DN', 'DN/s'] }, ...COMPANIONS],
};
