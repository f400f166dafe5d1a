import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import {
  exposureFileStem,
  headerText,
  matchKeywords,
  splitProductName,
  stepState,
} from '@iris-drs/datamodels';
import type { Fits, Header } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import type { AssociableFrame } from '@iris-drs/stpipe';
import {
  detectorNamed,
  identify,
  normaliseExposureId,
  normaliseObsId,
  obsIdOf,
  TmtError,
} from '@iris-drs/tmt';

/** A frame as its file describes it. */
export interface FrameFile extends AssociableFrame {
  /** Absolute; the directory is the real one, the name that which was given. */
  readonly path: string;
  /** What its product is called: the exposure and its detector, else the file without extension and suffix. */
  readonly productName: string;
  readonly target: string;
  /** Reads up the ramp, not a frame yet. */
  readonly isRamp: boolean;
  /** How many of the steps of an image are behind it. */
  readonly stepsDone: number;
  readonly isSubtracted: boolean;
}

/** Frames that name no observation and are given together belong together. */
const UNNAMED = 'none';

const STEPS = ['dq_init', 'dark_current', 'flat_field', 'bkg_subtract'];

const scienceOf = ({ hdus }: Fits) => {
  const named = hdus.filter(({ name, shape }) => (name === 'SCI' || name === 'DATA') && shape.length > 0);
  return named.length > 0 ? named : hdus.slice(0, 1);
};

const orUndefined = (read: (text: string) => string, text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  try {
    return read(text);
  } catch (error) {
    if (error instanceof TmtError) return undefined;
    throw error;
  }
};

/** The exposure: EXPID, else the name of the file where it is one. */
const exposureOf = (headers: readonly Header[], stem: string): string | undefined =>
  orUndefined(normaliseExposureId, headerText(headers, 'EXPID')) ?? orUndefined(normaliseExposureId, stem);

/** The observation: of the exposure id, else OBS_ID. Empty for a standalone exposure. */
const observationOf = (headers: readonly Header[], exposureId: string | undefined): string => {
  const ofExposure = exposureId === undefined ? undefined : obsIdOf(exposureId);
  const said = headerText(headers, 'OBS_ID', 'OBSID');
  const known = ofExposure ?? orUndefined(normaliseObsId, said) ?? said;
  return known ?? (exposureId === undefined ? UNNAMED : '');
};

/**
 * Reads what a frame's headers say of it; no pixels.
 * @throws FitsError; Error for a file of several detectors
 */
export const readFrame = async (file: string): Promise<FrameFile> => {
  const path = join(realpathSync(dirname(resolve(file))), basename(file));
  using fits = await openFile(path);
  const hdus = scienceOf(fits);
  const [science] = hdus;
  if (!science || science.shape.length < 2) throw new Error(`${file}: holds no image`);
  const primary = fits.hdu(0).header;
  const detectors = new Set(hdus.map(({ header }) => headerText([header, primary], 'DETECTOR', 'DET_ID')));
  if (detectors.size > 1) {
    const held = [...detectors].join(', ');
    throw new Error(`${file}: holds ${held}; a member of an association is a file of one detector`);
  }
  const headers = science.header === primary ? [primary] : [primary, science.header];
  const { stem } = splitProductName(basename(file));
  const exposureId = exposureOf(headers, stem);
  const inFile = headerText([science.header, primary], 'DETECTOR', 'DET_ID');
  const identity = identify({
    inFile,
    mode: headerText([primary], 'INSTMODE', 'IFSMODE'),
    obsType: headerText([primary], 'OBSTYPE'),
    obsName: headerText([primary], 'OBSNAME'),
    exposureId,
  });
  const { exposureStart, ...matching } = matchKeywords(headers);
  const states = STEPS.map((step) => stepState(primary, step) === 'COMPLETE');
  return {
    ...identity,
    ...matching,
    path,
    productName: exposureId === undefined ? stem : exposureFileStem(exposureId, identity.detector),
    // A detector that nobody knows is still one of its own.
    detector: inFile !== undefined && !detectorNamed(inFile) ? inFile : identity.detector,
    exposureId: exposureId ?? stem,
    observationId: observationOf(headers, exposureId),
    startMillis: exposureStart?.getTime() ?? 0,
    aborted: primary.get('ABORTED') === true,
    target: headerText(headers, 'TARGNAME', 'OBJECT') ?? '',
    isRamp: science.shape.slice(0, -2).reduce((a, b) => a * b, 1) > 1,
    stepsDone: states.filter(Boolean).length,
    isSubtracted: states.at(-1) === true,
  };
};
