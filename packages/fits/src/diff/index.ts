export { diffFits } from './diff.ts';
export type { DiffOptions, FitsDiff, HduDiff, HeaderDiff, ImageDiff, TableDiff } from './result.ts';
