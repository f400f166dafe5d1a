export type { Card } from './card.ts';
export { addDatasums, datasum } from './checksum.ts';
export {
  type DiffOptions,
  diffFits,
  type FitsDiff,
  type HduDiff,
  type HeaderDiff,
  type ImageDiff,
  type TableDiff,
} from './diff/index.ts';
export { FitsError, type FitsErrorCode, type FitsPlace } from './errors.ts';
export { type GroupParameter, type Groups, readGroups } from './groups.ts';
export { isGzip } from './gunzip.ts';
export { Header, type HeaderEntry } from './header.ts';
export { httpSource } from './http.ts';
export { type Image, type ReadImageOptions, readImage } from './image.ts';
export type { ColumnInit, CompressedHdu, HduInit, ImageHdu, TableHdu } from './init.ts';
export { type Fits, type OpenOptions, openFits } from './open.ts';
export type { Dtype, Pixels } from './pixels.ts';
export { type FitsPlan, type PlannedHdu, type PlanOptions, planFits, sealHeader } from './plan.ts';
export type { Hdu, HduKind, PixelFormat } from './scan.ts';
export type { Range } from './section.ts';
export type { ByteSource } from './source.ts';
export { type Column, type ColumnData, cellOf, readTable, type Table } from './table.ts';
export { type CompressOptions, compressImage } from './tiles/compress.ts';
export type { FitsValue } from './value.ts';
export {
  type Check,
  type Finding,
  type Verification,
  type VerifyOptions,
  verifyFits,
} from './verify/index.ts';
export {
  type AxisKind,
  type FrameMapOptions,
  frameMap,
  parseWcs,
  pixelToWorldMany,
  readWcs,
  type TableReference,
  type Wcs,
  type WcsAxis,
  WcsError,
  type WcsErrorCode,
  type WcsFrame,
  type WcsOptions,
  wcsAlternates,
  worldToPixelMany,
  writeWcs,
} from './wcs/index.ts';
