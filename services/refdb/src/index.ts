export { referenceData } from './reference-data.ts';
