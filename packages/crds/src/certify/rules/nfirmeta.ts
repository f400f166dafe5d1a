import type { ReferenceRule } from '../rule.ts';
import { NOTHING } from './common.ts';

/** Metadata: keywords only. */
export const nfirmeta: ReferenceRule = {
  type: 'nfirmeta',
  title: 'configuration of NFIRAOS',
  chosenBy: NOTHING,
  keywords: [
    { keyword: 'AOISMST', missing: 'warning', type: 'text' },
    { keyword: 'AORATEHO', missing: 'warning', type: 'number', above: 0 },
    { keyword: 'AORATELO', type: 'number', above: 0 },
  ],
};
