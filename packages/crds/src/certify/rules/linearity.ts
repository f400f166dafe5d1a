import type { ReferenceRule } from '../rule.ts';
import { BY_DETECTOR, COEFFICIENTS, DETECTOR, DQ, DQ_DEF } from './common.ts';

/** Coefficients [ncoef, ny, nx], the constant first. */
export const linearity: ReferenceRule = {
  type: 'linearity',
  title: 'non-linearity, y = Σ cᵢxⁱ',
  otherNames: ['nonlin', 'nonlinearity'],
  chosenBy: BY_DETECTOR,
  keywords: [
    DETECTOR,
    { keyword: 'NLFORM', missing: 'warning', type: 'text', values: ['POLYNOMIAL', 'LINEARITY'] },
  ],
  extensions: [COEFFICIENTS, DQ, DQ_DEF],
};
