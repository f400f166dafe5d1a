import type { ReferenceRule } from '../rule.ts';
import { BY_FILTER, COMPANIONS, DETECTOR, FILTER, IMAGE_OR_CUBE } from './common.ts';

export const psf: ReferenceRule = {
  type: 'psf',
  title: 'star for the point-spread function',
  chosenBy: BY_FILTER,
  keywords: [DETECTOR, FILTER, { keyword: 'OBJECT', missing: 'warning', type: 'text' }],
  extensions: [
    {
      ...IMAGE_OR_CUBE,
      checks: [...IMAGE_OR_CUBE.checks, { check: 'median', from: -1e6, to: 1e6, severity: 'warning' }],
    },
    ...COMPANIONS,
  ],
};
