import type { ReferenceRule } from '../rule.ts';
import { NOTHING } from './common.ts';

/** Metadata: keywords only. */
export const telmeta: ReferenceRule = {
  type: 'telmeta',
  title: 'telescope configuration and pointing',
  chosenBy: NOTHING,
  keywords: [
    { keyword: 'RA', missing: 'warning', type: 'number' },
    { keyword: 'DEC', missing: 'warning', type: 'number' },
    { keyword: 'AZ', type: 'number' },
    { keyword: 'EL', missing: 'warning', type: 'number', atLeast: 0 },
  ],
};
