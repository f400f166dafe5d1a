import type { ReferenceRule } from '../rule.ts';
import { BY_DETECTOR, DETECTOR } from './common.ts';

export const photom: ReferenceRule = {
  type: 'photom',
  title: 'flux conversion',
  chosenBy: BY_DETECTOR,
  keywords: [DETECTOR],
  extensions: [
    {
      names: ['PHOTOM'],
      kind: 'table',
      missing: 'error',
      columns: [
        { name: 'FILTER', type: 'text', missing: 'error' },
        { name: 'PUPIL', type: 'text', missing: 'warning' },
        { name: 'PHOTMJSR', type: 'number', missing: 'warning' },
      ],
    },
  ],
};
