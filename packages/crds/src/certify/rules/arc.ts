import type { ReferenceRule } from '../rule.ts';
import { BY_GRATING, COMPANIONS, DETECTOR, GRATING, PICTURE, SCALE } from './common.ts';

export const arc: ReferenceRule = {
  type: 'arc',
  title: 'arc lamp spectra',
  chosenBy: BY_GRATING,
  keywords: [DETECTOR, GRATING, SCALE, { keyword: 'LAMP', missing: 'warning', type: 'text' }],
  extensions: [PICTURE, ...COMPANIONS],
};
