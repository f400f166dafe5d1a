import type { ReferenceRule } from '../rule.ts';
import { superbias } from './superbias.ts';

/** The name that liger_iris_pipeline gives a superbias. */
export const bias: ReferenceRule = { ...superbias, type: 'bias', otherNames: ['superbias'] };
