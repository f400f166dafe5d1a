import type { ReferenceRule } from '../rule.ts';
import { NOTHING } from './common.ts';

/** One table for all detectors. */
export const drizpars: ReferenceRule = {
  type: 'drizpars',
  title: 'parameters of resampling',
  chosenBy: NOTHING,
  extensions: [
    {
      names: ['DRIZPARS'],
      kind: 'table',
      missing: 'error',
      columns: [
        { name: 'NUMIMAGES', type: 'number', missing: 'error' },
        { name: 'FILTER', type: 'text', missing: 'warning' },
        { name: 'PIXFRAC', type: 'number', missing: 'error' },
        { name: 'KERNEL', type: 'text', missing: 'warning' },
        { name: 'FILLVAL', type: 'number', missing: 'warning' },
      ],
    },
  ],
};
