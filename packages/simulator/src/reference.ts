import { DQ } from '@iris-drs/datamodels';
import {
  type DetectorRow,
  type DetectorSettings,
  detectorRows,
  newDetectorRow,
  PIXEL,
  type PixelProperty,
} from './detector.ts';
import { nextNormal, type RandomState, randomState } from './random.ts';

/** Reference files that the simulator makes, by CRDS type. */
export const REFERENCE_TYPES = [
  'dark',
  'flat',
  'gain',
  'mask',
  'nonlincoeff',
  'readnoise',
  'saturation',
  'superbias',
] as const;
export type ReferenceType = (typeof REFERENCE_TYPES)[number];

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
}

export const defaultCalibration: Omit<CalibrationSettings, 'detector' | 'reads' | 'readSeconds'> = {
  darkFrames: 100,
  flatElectrons: 250_000,
  gainError: 0.002,
  readNoiseError: 0.01,
  coefficientError: 0.01,
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

/** Image extensions of each type, in the order in which {@link referenceRows} fills them. */
export const REFERENCE_LAYOUT: Readonly<Record<ReferenceType, readonly ReferencePlanes[]>> = {
  dark: [float('SCI'), float('ERR'), flags],
  flat: [float('SCI'), float('ERR'), flags],
  gain: [float('SCI')],
  mask: [flags],
  nonlincoeff: [float('COEFFS', 3)],
  readnoise: [float('SCI')],
  saturation: [float('SCI')],
  superbias: [float('SCI')],
};

export type PlaneRow = Float64Array | Uint32Array;

/** Arrays for one row of every plane of a reference type, `[nx]` each. */
export const newReferenceRow = (type: ReferenceType, nx: number): PlaneRow[] =>
  REFERENCE_LAYOUT[type].flatMap(({ dtype, planes }) =>
    Array.from({ length: planes }, () => (dtype === 'uint32' ? new Uint32Array(nx) : new Float64Array(nx))),
  );

const maskFlags = (kind: number): number =>
  kind === PIXEL.dead ? DQ.DEAD | DQ.DO_NOT_USE : kind === PIXEL.hot ? DQ.HOT | DQ.DO_NOT_USE : 0;

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
      const kind = row.kind[x]!;
      dq![x] = kind === PIXEL.warm ? DQ.WARM : kind === PIXEL.hot ? DQ.HOT | DQ.DO_NOT_USE : 0;
    },
    // A measured flat counts DN, so it holds the gain of the pixel as well as its response.
    flat(x, row, random, [sci, err, dq]) {
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
      dq![x] = maskFlags(row.kind[x]!);
    },
    nonlincoeff(x, row, random, [c0, c1, c2]) {
      c0![x] = row.c0[x]!;
      c1![x] = row.c1[x]! * (1 + settings.coefficientError * nextNormal(random));
      c2![x] = row.c2[x]! * (1 + settings.coefficientError * nextNormal(random));
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
  nonlincoeff: ['c0', 'c1', 'c2'],
  readnoise: ['readNoise'],
  saturation: ['bias', 'fullWell'],
  superbias: ['bias', 'readNoise'],
};

/**
 * A reference file as a function of its row: what a calibration of the detector would have measured, with
 * the noise of that measurement. Units: dark DN/s, gain e-/DN, read noise of a single read in DN,
 * saturation DN as read (bias included), super bias DN, the rest without.
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
