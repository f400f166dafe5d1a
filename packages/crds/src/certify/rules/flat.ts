import type { ReferenceRule } from '../rule.ts';
import { BY_FILTER, COMPANIONS, DETECTOR, FILTER, IMAGE, PUPIL } from './common.ts';

/** The response is relative: divided by its own median. */
export const flat: ReferenceRule = {
  type: 'flat',
  title: 'flat field',
  chosenBy: BY_FILTER,
  keywords: [DETECTOR, FILTER, PUPIL],
  extensions: [
    {
      ...IMAGE,
      checks: [
        ...IMAGE.checks,
        { check: 'median', from: 0.9, to: 1.1 },
        { check: 'range', atLeast: 0, severity: 'warning' },
      ],
    },
    ...COMPANIONS,
  ],
};
