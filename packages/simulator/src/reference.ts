import { DQ } from '@iris-drs/datamodels';
import {
  type DetectorRow,
  type DetectorSettings,
  detectorRows,
  newDetectorRow,
  PIXEL,
  type PixelProperty,
} from './detector.ts';
import { decayed, type Settling } from './light.ts';
import { nextNormal, type RandomState, randomState } from './random.ts';

/**
 * Reference files that the simulator makes, by CRDS type. `linearity` stands for `nonlincoeff` where that is asked
 * for; `rampdark` is made only if asked for.
 */
export type ReferenceType =
  | 'dark'
  | 'flat'
  | 'gain'
  | 'linearity'
  | 'mask'
  | 'nonlincoeff'
  | 'rampdark'
  | 'readnoise'
  | 'saturation'
  | 'superbias';

/** How well the detector has been measured. */
export interface CalibrationSettings {
  readonly detector: DetectorSettings;
  /** Dark and bias frames that were averaged, and how they were sampled. */
  readonly darkFrames: number;
  readonly reads: number;
  readonly readSeconds: number;
  /** Photo-electrons per pixel in the combined flat. */
  readonly flatElectrons: number;
  /** Relative errors of gain, read noise and non-linearity coefficients of a pixel. */
  readonly gainError: number;
  readonly readNoiseError: number;
  readonly coefficientError: number;
  /**
   * Form of the non-linearity: `relative`, x (1 + c0 + c1 x + c2 x²) in nonlincoeff, or `polynomial`, JWST's
   * c0 + c1 x + c2 x² + c3 x³ in linearity. `relative` unless given.
   */
  readonly linearity?: 'relative' | 'polynomial';
  /** Also makes a rampdark: the dark signal in each read, `[reads, ny, nx]` in DN. */
  readonly rampDark?: boolean;
  /** Dark charge early in a ramp; a rampdark holds it, a dark does not. */
  readonly settling?: Settling;
}

/** Types that a calibration makes, in the order in which they are written. */
export const referenceTypes = ({ linearity, rampDark }: CalibrationSettings): ReferenceType[] => [
  'dark',
  'flat',
  'gain',
  'mask',
  linearity === 'polynomial' ? 'linearity' : 'nonlincoeff',
  ...(rampDark ? (['rampdark'] as const) : []),
  'readnoise',
  'saturation',
  'superbias',
];

export const defaultCalibration: Omit<CalibrationSettings, 'detector' | 'reads' | 'readSeconds'> = {
  darkFrames: 100,
  flatElectrons: 250_000,
  gainError: 0.002,
  readNoiseError: 0.01,
  coefficientError: 0.01,
};

/** A calibration without errors worth the name: what it leaves out of a comparison with the truth. */
export const perfectCalibration: Omit<CalibrationSettings, 'detector' | 'reads' | 'readSeconds'> = {
  darkFrames: 1e12,
  flatElectrons: 1e18,
  gainError: 0,
  readNoiseError: 0,
  coefficientError: 0,
};

/** Fraction of the full well up to which a pixel is trusted; the saturation reference says so. */
export const TRUSTED_WELL = 0.95;

export interface ReferencePlanes {
  readonly name: string;
  readonly dtype: 'float32' | 'uint32';
  readonly planes: number;
}

const float = (name: string, planes = 1): ReferencePlanes => ({ name, dtype: 'float32', planes });
const flags: ReferencePlanes = { name: 'DQ', dtype: 'uint32', planes: 1 };

/** Image extensions of a type, in the order in which {@link referenceRows} fills them. */
export function referenceLayout(type: ReferenceType, { reads }: CalibrationSettings): ReferencePlanes[] {
  switch (type) {
    case 'dark':
    case 'flat':
      return [float('SCI'), float('ERR'), flags];
    case 'rampdark':
      return [float('SCI', reads), float('ERR', reads), flags];
    case 'nonlincoeff':
      return [float('COEFFS', 3)];
    case 'linearity':
      return [float('COEFFS', 4), flags];
    case 'mask':
      return [flags];
    default:
      return [float('SCI')];
  }
}

export type PlaneRow = Float64Array | Uint32Array;

/** Arrays for one row of every plane of a reference type, `[nx]` each. */
export const newReferenceRow = (type: ReferenceType, calibration: CalibrationSettings): PlaneRow[] => {
  const nx = calibration.detector.shape[1];
  return referenceLayout(type, calibration).flatMap(({ dtype, planes }) =>
    Array.from({ length: planes }, () => (dtype === 'uint32' ? new Uint32Array(nx) : new Float64Array(nx))),
  );
};

/** Flags of the mask by kind of pixel. Reference pixels are of use, to the correction that needs them. */
const MASK_FLAGS: Readonly<Record<number, number>> = {
  [PIXEL.dead]: DQ.DEAD | DQ.DO_NOT_USE,
  [PIXEL.hot]: DQ.HOT | DQ.DO_NOT_USE,
  [PIXEL.reference]: DQ.REFERENCE_PIXEL,
  [PIXEL.badReference]: DQ.REFERENCE_PIXEL | DQ.BAD_REF_PIXEL | DQ.DO_NOT_USE,
};

const darkFlags = (kind: number): number =>
  kind === PIXEL.warm ? DQ.WARM : kind === PIXEL.hot ? DQ.HOT | DQ.DO_NOT_USE : 0;

const isReference = (kind: number): boolean => kind === PIXEL.reference || kind === PIXEL.badReference;

/** Variance of the slope of `reads` evenly spaced, equally weighted reads, per unit of read variance, s⁻². */
const slopeReadVariance = (reads: number, readSeconds: number): number =>
  reads < 2 ? 1 / readSeconds ** 2 : 12 / (reads * (reads ** 2 - 1) * readSeconds ** 2);

/** The same for photon noise: variance of the slope over the rate, s⁻¹. */
const slopePhotonVariance = (reads: number, readSeconds: number): number =>
  reads < 2 ? 1 / readSeconds : (1.2 * (reads ** 2 + 1)) / (reads * (reads ** 2 - 1) * readSeconds);

type Fill = (x: number, row: DetectorRow, random: RandomState, out: readonly PlaneRow[]) => void;

function fills(settings: CalibrationSettings): Readonly<Record<ReferenceType, Fill>> {
  const { detector, darkFrames, reads, readSeconds } = settings;
  const readVariance = slopeReadVariance(reads, readSeconds);
  const photonVariance = slopePhotonVariance(reads, readSeconds);
  return {
    dark(x, row, random, [sci, err, dq]) {
      const gain = row.gain[x]!;
      const rate = row.dark[x]! / gain;
      const noise = Math.sqrt(
        (row.readNoise[x]! ** 2 * readVariance + (rate / gain) * photonVariance) / darkFrames,
      );
      sci![x] = rate + noise * nextNormal(random);
      err![x] = noise;
      dq![x] = darkFlags(row.kind[x]!);
    },
    // A measured flat counts DN, so it holds the gain of the pixel as well as its response.
    flat(x, row, random, [sci, err, dq]) {
      if (isReference(row.kind[x]!)) {
        sci![x] = 1;
        err![x] = 0;
        dq![x] = DQ.NO_FLAT_FIELD | DQ.DO_NOT_USE;
        return;
      }
      const flat = (row.response[x]! * detector.gain) / row.gain[x]!;
      const noise = flat / Math.sqrt(settings.flatElectrons * Math.max(row.response[x]!, 1e-4));
      sci![x] = flat + noise * nextNormal(random);
      err![x] = noise;
      dq![x] = row.kind[x] === PIXEL.dead ? DQ.NO_FLAT_FIELD | DQ.DO_NOT_USE : 0;
    },
    gain(x, row, random, [sci]) {
      sci![x] = row.gain[x]! * (1 + settings.gainError * nextNormal(random));
    },
    mask(x, row, _random, [dq]) {
      dq![x] = MASK_FLAGS[row.kind[x]!] ?? 0;
    },
    nonlincoeff(x, row, random, [c0, c1, c2]) {
      c0![x] = row.c0[x]!;
      c1![x] = row.c1[x]! * (1 + settings.coefficientError * nextNormal(random));
      c2![x] = row.c2[x]! * (1 + settings.coefficientError * nextNormal(random));
    },
    linearity(x, row, random, [c0, c1, c2, c3, dq]) {
      c0![x] = 0;
      c1![x] = 1 + row.c0[x]!;
      c2![x] = row.c1[x]! * (1 + settings.coefficientError * nextNormal(random));
      c3![x] = row.c2[x]! * (1 + settings.coefficientError * nextNormal(random));
      dq![x] = isReference(row.kind[x]!) ? DQ.NO_LIN_CORR : 0;
    },
    // Averaged after the super bias and its kTC noise were taken off: photon noise adds up from read to read.
    rampdark(x, row, random, planes) {
      const gain = row.gain[x]!;
      const { settling } = settings;
      let [signal, error, walk] = [0, 0, 0];
      for (let read = 0; read < reads; read++) {
        const early =
          settling && row.sensitive[x]
            ? settling.electrons * decayed(read * readSeconds, (read + 1) * readSeconds, settling.seconds)
            : 0;
        const electrons = row.dark[x]! * readSeconds + early;
        signal += electrons / gain;
        error += electrons / gain ** 2 / darkFrames;
        walk += (Math.sqrt(electrons / darkFrames) / gain) * nextNormal(random);
        const reading = row.readNoise[x]! / Math.sqrt(darkFrames);
        planes[read]![x] = signal + walk + reading * nextNormal(random);
        planes[reads + read]![x] = Math.sqrt(error + reading ** 2);
      }
      planes[2 * reads]![x] = darkFlags(row.kind[x]!);
    },
    // Measured from the reads, so the noise of rounding to whole DN, 1/12 DN², is in it.
    readnoise(x, row, random, [sci]) {
      const noise = Math.sqrt(row.readNoise[x]! ** 2 + 1 / 12);
      sci![x] = noise * (1 + settings.readNoiseError * nextNormal(random));
    },
    saturation(x, row, _random, [sci]) {
      sci![x] = Math.min(row.bias[x]! + TRUSTED_WELL * row.fullWell[x]!, 65_000);
    },
    superbias(x, row, random, [sci]) {
      const noise = row.readNoise[x]! / Math.sqrt(darkFrames);
      sci![x] = row.bias[x]! + noise * nextNormal(random);
    },
  };
}

/** Properties of the pixels that go into each type. */
const NEEDS: Readonly<Record<ReferenceType, readonly PixelProperty[]>> = {
  dark: ['gain', 'dark', 'readNoise', 'kind'],
  flat: ['gain', 'response', 'kind'],
  gain: ['gain'],
  mask: ['kind'],
  linearity: ['c0', 'c1', 'c2', 'kind'],
  nonlincoeff: ['c0', 'c1', 'c2'],
  rampdark: ['gain', 'dark', 'readNoise', 'kind', 'sensitive'],
  readnoise: ['readNoise'],
  saturation: ['bias', 'fullWell'],
  superbias: ['bias', 'readNoise'],
};

/**
 * A reference file as a function of its row: what a calibration of the detector would have measured, with
 * the noise of that measurement. Units: dark DN/s, gain e-/DN, read noise of a single read in DN,
 * saturation DN as read (bias included), super bias and ramp dark DN, the rest without.
 */
export function referenceRows(
  type: ReferenceType,
  settings: CalibrationSettings,
): (y: number, out: readonly PlaneRow[]) => void {
  const { seed, detector, shape } = settings.detector;
  const rows = detectorRows(settings.detector, NEEDS[type]);
  const row = newDetectorRow(shape[1]);
  const fill = fills(settings)[type];
  return (y, out) => {
    rows(y, row);
    const random = randomState(seed, detector, 'calibration', type, y);
    for (let x = 0; x < shape[1]; x++) fill(x, row, random, out);
  };
}
