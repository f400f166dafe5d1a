import type { ReferenceRule } from '../rule.ts';
import { NOTHING } from './common.ts';

/** Metadata: keywords only. */
export const envmeta: ReferenceRule = {
  type: 'envmeta',
  title: 'environment',
  chosenBy: NOTHING,
  keywords: [
    { keyword: 'AIRMASS', missing: 'warning', type: 'number', atLeast: 1 },
    { keyword: 'HA', type: 'number' },
    { keyword: 'PARANG', type: 'number' },
  ],
};
