import type { ReferenceRule } from '../rule.ts';
import { AIRMASS, NOTHING } from './common.ts';

/** Metadata: keywords only. */
export const envmeta: ReferenceRule = {
  type: 'envmeta',
  title: 'environment',
  chosenBy: NOTHING,
  keywords: [AIRMASS, { keyword: 'HA', type: 'number' }, { keyword: 'PARANG', type: 'number' }],
};
