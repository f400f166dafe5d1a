export type { AxisKind } from './axes.ts';
export { WcsError, type WcsErrorCode } from './errors.ts';
export { type FrameMapOptions, frameMap } from './frame-map.ts';
export { wcsAlternates } from './keywords.ts';
export type { TableReference } from './lookup.ts';
export { pixelToWorldMany, worldToPixelMany } from './many.ts';
export { readWcs } from './read.ts';
export { parseWcs, type Wcs, type WcsAxis, type WcsFrame, type WcsOptions } from './wcs.ts';
