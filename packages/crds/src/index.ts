export type { BestReference, ReferenceSource } from './source.ts';
