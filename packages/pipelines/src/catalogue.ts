import { calibPipeline, darkCurrent, dqInit, flatField } from '@iris-drs/calib';
import { bkgSubtract, type ImagerFrame } from '@iris-drs/imager';
import { readoutPipeline } from '@iris-drs/readout';
import {
  type AnyStep,
  type Configured,
  optionPath,
  type StepDescription,
  type StepLookup,
} from '@iris-drs/stpipe';
import { PipelineError } from './errors.ts';
import { assignWcs } from './steps/assign-wcs.ts';
import { combineFrames } from './steps/combine-frames.ts';
import { createMask } from './steps/create-mask.ts';
import { mergeSubarrays } from './steps/merge-subarrays.ts';
import { normalize } from './steps/normalize.ts';
import { photom, resample } from './steps/not-yet.ts';
import { parseSubarrayMap } from './steps/parse-subarray-map.ts';
import { subtractImages } from './steps/subtract-images.ts';

/**
 * Image2Pipeline: science and backgrounds alike get mask, dark and flat before one is subtracted from the other, so
 * that the dark leaves once.
 */
export const IMAGE2: readonly AnyStep<ImagerFrame>[] = [
  dqInit,
  parseSubarrayMap,
  darkCurrent,
  flatField,
  bkgSubtract,
  assignWcs,
  photom,
  resample,
];

/**
 * The order of iris_pipeline: backgrounds are subtracted as they are, then the dark, which has left with them already,
 * is subtracted again. The mask, which iris_pipeline's Image2Pipeline lacks, changes flags only.
 */
export const IMAGE2_SEED_ORDER: readonly AnyStep<ImagerFrame>[] = [
  dqInit,
  bkgSubtract,
  assignWcs,
  parseSubarrayMap,
  darkCurrent,
  flatField,
  photom,
  resample,
];

/** What a background gets before it is subtracted. */
export const BACKGROUND = calibPipeline;

export const PREPROCESS_FLATFIELD = [dqInit, darkCurrent, normalize] as const;

/** CreateFlatfield: before and after the exposures are combined. */
export const CREATE_FLATFIELD = { before: [dqInit, darkCurrent], after: [normalize] } as const;

/** Steps that take one frame. */
export const SINGLE = [dqInit, darkCurrent, flatField, normalize, parseSubarrayMap, assignWcs] as const;

const EVERY: readonly StepDescription[] = [
  ...IMAGE2,
  normalize,
  subtractImages,
  combineFrames,
  mergeSubarrays,
  createMask,
  ...readoutPipeline.filter(({ name }) => name !== dqInit.name),
];

/** Our step of a name, for reading configurations. */
export const stepLookup: StepLookup = (name) => EVERY.find((step) => step.name === name);

const PIPELINES = new Set(['image2', 'preprocess_flatfield', 'create_dark', 'create_flatfield', 'rop']);
const ALONE = new Set([
  ...SINGLE.map(({ name }) => name),
  ...['bkg_subtract', 'subtract_images', 'combine_frames', 'merge_subarrays', 'create_mask', 'readoutsamp'],
]);

const notAvailable = (message: string): never => {
  throw new PipelineError('NOT_AVAILABLE', message);
};

/**
 * Looks whether everything that a configuration asks for can be done.
 * @throws PipelineError NOT_AVAILABLE naming what cannot
 */
export const checkAvailable = ({ known, own, steps }: Configured): void => {
  const here = known.kind === 'pipeline' ? PIPELINES.has(known.name) : ALONE.has(known.name);
  if (!here)
    notAvailable(
      `${known.className} is known by name only: this version cannot run it. Runnable are Image2Pipeline, ` +
        'PreprocessFlatfield, CreateDark, CreateFlatfield, ROPPipeline, BackgroundStep, SubtractImagesStep, ' +
        'CombineFramesStep, DQInitStep, DarkCurrentStep, FlatFieldStep, NormalizeStep, ParseSubarrayMapStep, ' +
        'MergeSubarraysStep, AssignWcsStep, ReadoutsampStep and CreateMask.',
    );
  for (const { section, name, values, given, ignored, extra } of steps) {
    // Steps that are not here and that nobody asks for: JWST's, which IRIS has no use for.
    if (extra && Object.keys(given).length + ignored.length === 0) continue;
    if (values.get('skip') === true || stepLookup(name)) continue;
    notAvailable(
      `Step ${section} of ${known.className} is known by name only: this version cannot run it. Set ` +
        `steps.${section}.skip = True to go without it.`,
    );
  }
  for (const settings of [own, ...steps]) {
    const ending = settings.values.get('output_ext');
    if (typeof ending !== 'string' || /^\.?(fits|fit|fts)$/i.test(ending)) continue;
    const option = optionPath(settings, 'output_ext');
    notAvailable(`${option} is '${ending}': products are FITS files; expected .fits, .fit or .fts.`);
  }
  if (own.values.get('save_calibrated_ramp') === true)
    notAvailable('save_calibrated_ramp: this version never holds a corrected ramp and cannot save it.');
};
