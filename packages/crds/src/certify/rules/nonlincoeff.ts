import type { ReferenceRule } from '../rule.ts';
import { BY_DETECTOR, COEFFICIENTS, DETECTOR, DQ, DQ_DEF } from './common.ts';

/** Coefficients [ncoef, ny, nx], the lowest power first. */
export const nonlincoeff: ReferenceRule = {
  type: 'nonlincoeff',
  title: 'non-linearity, y = x(1 + Σ cᵢxⁱ)',
  chosenBy: BY_DETECTOR,
  keywords: [
    DETECTOR,
    { keyword: 'NLFORM', missing: 'warning', type: 'text', values: ['RELATIVE', 'NONLINCOEFF'] },
  ],
  extensions: [COEFFICIENTS, DQ, DQ_DEF],
};
