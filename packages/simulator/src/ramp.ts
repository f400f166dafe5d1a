import {
  type DetectorRow,
  type DetectorSettings,
  detectorRows,
  newDetectorRow,
  wellSignal,
} from './detector.ts';
import { invalidSetting } from './errors.ts';
import { nonlinear } from './nonlinearity.ts';
import {
  fillNormals,
  POISSON_EXACT_BELOW,
  poissonExact,
  poissonNormal,
  poissonSpread,
  type RandomState,
  randomState,
} from './random.ts';
import { renderRows, type Scene } from './scene.ts';

/** One exposure of one detector. */
export interface RampSettings {
  readonly detector: DetectorSettings;
  readonly scene: Scene;
  readonly reads: number;
  readonly ramps: number;
  /** Between reads, and from the reset to the first read. */
  readonly readSeconds: number;
  /** What sets this exposure's noise apart from that of others, for instance its id. */
  readonly noise: string;
}

/** Seconds from the reset of a ramp to each of its reads. */
export const readTimes = ({ reads, readSeconds }: Pick<RampSettings, 'reads' | 'readSeconds'>): number[] =>
  Array.from({ length: reads }, (_, read) => (read + 1) * readSeconds);

export function checkRamp({ reads, ramps, readSeconds }: RampSettings): void {
  const counted = (n: number) => Number.isInteger(n) && n > 0;
  if (!counted(reads)) throw invalidSetting('reads', reads, 'a whole number from 1 up');
  if (!counted(ramps)) throw invalidSetting('ramps', ramps, 'a whole number from 1 up');
  if (!(readSeconds > 0)) throw invalidSetting('readSeconds', readSeconds, 'a number of seconds above 0');
}

/** Electrons per second that each pixel collects, in the mean. */
const collected = (row: DetectorRow, light: number, x: number): number =>
  row.response[x]! * light + row.dark[x]!;

/**
 * Reads of rows `[first, last)` of every ramp of an exposure.
 *
 * In each interval a pixel collects a Poisson number of electrons; a read is
 *
 *   round( bias + min(F⁻¹(electrons / gain), full well) + read noise ), held within 0 .. 65535 DN
 *
 * so the bias lies outside the non-linearity and is to be subtracted before F is applied.
 *
 * @returns `[ramps, reads, last − first, nx]`, DN
 */
export function simulateRows(settings: RampSettings, first: number, last: number): Uint16Array {
  checkRamp(settings);
  const { shape, seed, detector } = settings.detector;
  const [ny, nx] = shape;
  const rows = detectorRows(settings.detector);
  const row = newDetectorRow(nx);
  const height = last - first;
  const light = new Float64Array(height * nx);
  renderRows(settings.scene, [ny, nx], first, last, light);

  const out = new Uint16Array(settings.ramps * settings.reads * height * nx);
  const line: Line = {
    mean: new Float64Array(nx),
    spread: new Float64Array(nx),
    perElectron: new Float64Array(nx),
    electrons: new Float64Array(nx),
    well: new Float64Array(nx),
    photonNoise: new Float64Array(nx),
    readNoise: new Float64Array(nx),
  };
  for (let y = first; y < last; y++) {
    rows(y, row);
    for (let x = 0; x < nx; x++) {
      line.mean[x] = collected(row, light[(y - first) * nx + x]!, x) * settings.readSeconds;
      line.spread[x] = poissonSpread(line.mean[x]!);
      line.perElectron[x] = 1 / row.gain[x]!;
      line.well[x] = wellSignal(row, x);
    }
    const random = randomState(seed, detector, settings.noise, y);
    for (let ramp = 0; ramp < settings.ramps; ramp++) {
      line.electrons.fill(0);
      for (let read = 0; read < settings.reads; read++) {
        fillNormals(random, line.photonNoise);
        fillNormals(random, line.readNoise);
        const at = ((ramp * settings.reads + read) * height + (y - first)) * nx;
        readLine(row, line, random, out.subarray(at, at + nx));
      }
    }
  }
  return out;
}

interface Line {
  /** Electrons per interval. */
  readonly mean: Float64Array;
  /** Of the normal law that stands for Poisson's at large means. */
  readonly spread: Float64Array;
  /** DN. */
  readonly perElectron: Float64Array;
  readonly electrons: Float64Array;
  /** Linear signal at full well, DN. */
  readonly well: Float64Array;
  readonly photonNoise: Float64Array;
  readonly readNoise: Float64Array;
}

function readLine(row: DetectorRow, line: Line, random: RandomState, out: Uint16Array): void {
  const { bias, readNoise, fullWell, c0, c1, c2 } = row;
  for (let x = 0; x < out.length; x++) {
    const mean = line.mean[x]!;
    const photons =
      mean >= POISSON_EXACT_BELOW
        ? poissonNormal(mean, line.spread[x]!, line.photonNoise[x]!)
        : poissonExact(random, mean);
    const electrons = line.electrons[x]! + photons;
    line.electrons[x] = electrons;
    const signal = electrons * line.perElectron[x]!;
    const measured = signal < line.well[x]! ? nonlinear(signal, c0[x]!, c1[x]!, c2[x]!) : fullWell[x]!;
    const value = Math.round(bias[x]! + measured + readNoise[x]! * line.readNoise[x]!);
    out[x] = Math.min(Math.max(value, 0), 65535);
  }
}

/**
 * A whole exposure in memory, for tests and small detectors.
 *
 * @returns `[ramps, reads, ny, nx]`, DN
 */
export const simulateRamp = (settings: RampSettings): Uint16Array =>
  simulateRows(settings, 0, settings.detector.shape[0]);
