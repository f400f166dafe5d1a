export type { Window } from './access.ts';
export { canonicalName, HDUS, type HduRule, unitOf } from './contract.ts';
export { type DetectorChoice, type DetectorEntry, sameDetector } from './detectors.ts';
export { DQ, type FlagName, flagNames, flagValue, parseFlags, translateOldFlags } from './dq.ts';
export { DataModelError, type DataModelErrorCode } from './errors.ts';
export type { ExtraHdu } from './extra.ts';
export { text as headerText } from './headers.ts';
export {
  closeImage,
  createImage,
  type ImageInfo,
  type ImageModel,
  type OpenImageOptions,
  openImage,
  readImageInfo,
  type Strip,
} from './image.ts';
export {
  KEYWORDS,
  type KeywordRule,
  keywordsFromTelemetry,
  TELEMETRY_EVENTS,
  type TelemetryKeyword,
  type TelemetrySource,
  type TelemetryValue,
} from './keywords.ts';
export { type MatchKeywords, matchKeywords } from './matching.ts';
export {
  exposureFileStem,
  PRODUCTS,
  type ProductRule,
  productName,
  productPath,
  productRule,
  splitProductName,
  utDate,
} from './names.ts';
export { type Preview, previewPixels } from './preview.ts';
export { inputsOf, type Provenance, type ReferenceUse, stepState, writeProvenance } from './provenance.ts';
export type { KnownReads } from './ramp/contents.ts';
export { samplingOf } from './ramp/describe.ts';
export { readPixelFlags } from './ramp/flags.ts';
export { windowOnFrame } from './ramp/guide-windows.ts';
export type { RampModel, Sampling, TimeSource } from './ramp/model.ts';
export { listDetectors, openRamp } from './ramp/open.ts';
export { unfoldRamp } from './ramp/unfold.ts';
export {
  type GainReference,
  openGain,
  openReadnoise,
  openSaturation,
  type ReadNoiseReference,
  type SaturationReference,
} from './references/detector.ts';
export {
  type BiasReference,
  type DarkReference,
  type FlatReference,
  type MaskReference,
  openBias,
  openDark,
  openFlat,
  openMask,
} from './references/frames.ts';
export {
  type NonlinearityForm,
  type NonlinearityReference,
  openNonlinearity,
} from './references/nonlinearity.ts';
export type { Reference } from './references/open.ts';
export { saveMask } from './references/save-mask.ts';
export { type FrameGeometry, referenceWindow } from './references/window.ts';
export { type MadeStrip, type SavedFrame, type SaveImageOptions, saveImage, saveStrips } from './save.ts';
export { referenceKeyword, type StepState, stepKeyword } from './steps.ts';
export { exposureTimeSeconds, normalizeUnit, rateScale } from './units.ts';
