import {
  type DetectorRow,
  type DetectorSettings,
  detectorRows,
  newDetectorRow,
  wellSignal,
} from './detector.ts';
import { checkEffects, type Effects, GUIDE_SECONDS } from './effects.ts';
import { invalidSetting } from './errors.ts';
import { flickerOf } from './flicker.ts';
import { checkRectangle, frameOf, type Rectangle } from './frame.ts';
import { depositsIn } from './hits.ts';
import { lightOf } from './light.ts';
import { nonlinear } from './nonlinearity.ts';
import { addOutputOffsets, trueOutputOffsets } from './outputs.ts';
import {
  fillNormals,
  nextNormal,
  nextPoisson,
  POISSON_EXACT_BELOW,
  poissonExact,
  poissonNormal,
  poissonSpread,
  type RandomState,
  randomState,
} from './random.ts';
import type { Scene } from './scene.ts';

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
  /** Seconds from the reset of a ramp to each read, where they are not even. */
  readonly times?: readonly number[];
  /** Reads of all ramps together after which the exposure was aborted. */
  readonly abortedAfter?: number;
  /** Subarray that is read; without it the whole detector. */
  readonly window?: Rectangle;
  /** What the detector does besides counting photons; nothing. */
  readonly effects?: Effects;
}

/** Seconds from the reset of a ramp to each of its reads. */
export const readTimes = ({
  reads,
  readSeconds,
  times,
}: Pick<RampSettings, 'reads' | 'readSeconds' | 'times'>): number[] =>
  Array.from({ length: reads }, (_, read) => times?.[read] ?? (read + 1) * readSeconds);

/** What an exposure's file holds of it: all, or after an abort the whole ramps, or what there is of the first. */
export function takenOf({ ramps, reads, abortedAfter }: RampSettings): { ramps: number; reads: number } {
  if (abortedAfter === undefined || abortedAfter >= ramps * reads) return { ramps, reads };
  const whole = Math.floor(abortedAfter / reads);
  return whole > 0 ? { ramps: whole, reads } : { ramps: 1, reads: abortedAfter };
}

export function checkRamp(settings: RampSettings): void {
  const { reads, ramps, readSeconds, times, window, effects } = settings;
  const counted = (n: number) => Number.isInteger(n) && n > 0;
  if (!counted(reads)) throw invalidSetting('reads', reads, 'a whole number from 1 up');
  if (!counted(ramps)) throw invalidSetting('ramps', ramps, 'a whole number from 1 up');
  if (!(readSeconds > 0)) throw invalidSetting('readSeconds', readSeconds, 'a number of seconds above 0');
  if (times && (times.length !== reads || !times.every((t, i) => t > (times[i - 1] ?? 0))))
    throw invalidSetting('times', times.join(' '), `${reads} times above 0, each later than the one before`);
  if (settings.abortedAfter !== undefined && !counted(settings.abortedAfter))
    throw invalidSetting('abortedAfter', settings.abortedAfter, 'a whole number of reads from 1 up');
  if (window) checkRectangle('window', window, settings.detector);
  for (const area of effects?.guideWindows?.windows ?? [])
    checkRectangle('effects.guideWindows', area, settings.detector);
  const seeing = effects?.seeing;
  if (seeing && (seeing.length !== ramps || seeing.some((ramp) => ramp.length !== reads)))
    throw invalidSetting(
      'effects.seeing',
      seeing.map((ramp) => ramp.length).join(' '),
      `${ramps} ramps of ${reads} reads`,
    );
  if (effects) checkEffects(effects);
}

/**
 * Reads of rows `[first, last)` of every ramp of an exposure.
 *
 * In each interval a pixel collects a Poisson number of electrons; a read is
 *
 *   round( bias + min(F⁻¹(electrons / gain), full well) + read noise ), held within 0 .. 65535 DN
 *
 * so the bias lies outside the non-linearity and is to be subtracted before F is applied. Particles and reset noise
 * add electrons; offsets of the outputs and 1/f noise add DN, as the bias does.
 *
 * @param first  first row of what is read: of the subarray, if there is one
 * @returns `[ramps, reads, last − first, nx]`, DN
 */
export function simulateRows(settings: RampSettings, first: number, last: number): Uint16Array {
  checkRamp(settings);
  const { shape, seed, detector, channels } = settings.detector;
  const nx = shape[1];
  const frame = frameOf(settings);
  const whole = frame.nx === nx;
  const rows = detectorRows(settings.detector);
  const row = newDetectorRow(nx);
  const height = last - first;
  const light = lightOf(settings, first, last);
  const deposits = depositsIn(settings, first, last);
  const offsets = trueOutputOffsets(settings);
  const flicker = flickerOf(settings);
  const resetNoise = settings.effects?.resetNoise;

  const out = new Uint16Array(settings.ramps * settings.reads * height * frame.nx);
  const line = newLine(nx);
  for (let j = 0; j < height; j++) {
    const y = frame.y + first + j;
    rows(y, row);
    if (light.steady) collectInto(line, () => light.collect(row, j, 0, 0, line.mean));
    for (let x = 0; x < nx; x++) {
      line.perElectron[x] = 1 / row.gain[x]!;
      line.well[x] = wellSignal(row, x);
    }
    const guides = guidesOf(settings, y);
    const random = randomState(seed, detector, settings.noise, y);
    for (let ramp = 0; ramp < settings.ramps; ramp++) {
      line.electrons.fill(0);
      if (resetNoise) {
        const reset = randomState(seed, detector, settings.noise, 'reset', ramp, y);
        for (let x = 0; x < nx; x++) line.left[x] = resetNoise * nextNormal(reset);
      }
      for (let read = 0; read < settings.reads; read++) {
        const index = ramp * settings.reads + read;
        if (!light.steady) collectInto(line, () => light.collect(row, j, ramp, read, line.mean));
        if (offsets || flicker) line.offset.fill(0);
        if (offsets) addOutputOffsets(offsets, index, channels, line.offset);
        flicker?.add(ramp, read, y, line.offset);
        const charges = deposits[j]!.get(index) ?? [];
        for (let i = 0; i < charges.length; i += 2) line.electrons[charges[i]!]! += charges[i + 1]!;
        fillNormals(random, line.photonNoise);
        fillNormals(random, line.readNoise);
        const at = (index * height + j) * frame.nx;
        const target = whole ? out.subarray(at, at + nx) : line.read;
        readLine(row, line, random, target);
        if (guides.length > 0) {
          light.rate(row, j, line.rate);
          const own = randomState(seed, detector, settings.noise, 'guide', index, y);
          for (const guide of guides) readGuide(settings, guide, row, line, own, target);
        }
        if (!whole) out.set(line.read.subarray(frame.x, frame.x + frame.nx), at);
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
  /** Electrons that the reset left. */
  readonly left: Float64Array;
  /** Linear signal at full well, DN. */
  readonly well: Float64Array;
  /** Electronic offsets, DN. */
  readonly offset: Float64Array;
  readonly photonNoise: Float64Array;
  readonly readNoise: Float64Array;
  /** Electrons per second, in guide windows only. */
  readonly rate: Float64Array;
  /** A row of the whole detector, of which a subarray takes its part. */
  readonly read: Uint16Array;
}

const newLine = (nx: number): Line => ({
  mean: new Float64Array(nx),
  spread: new Float64Array(nx),
  perElectron: new Float64Array(nx),
  electrons: new Float64Array(nx),
  left: new Float64Array(nx),
  well: new Float64Array(nx),
  offset: new Float64Array(nx),
  photonNoise: new Float64Array(nx),
  readNoise: new Float64Array(nx),
  rate: new Float64Array(nx),
  read: new Uint16Array(nx),
});

function collectInto(line: Line, collect: () => void): void {
  collect();
  for (let x = 0; x < line.mean.length; x++) line.spread[x] = poissonSpread(line.mean[x]!);
}

function readLine(row: DetectorRow, line: Line, random: RandomState, out: Uint16Array): void {
  for (let x = 0; x < out.length; x++) {
    const mean = line.mean[x]!;
    const photons =
      mean >= POISSON_EXACT_BELOW
        ? poissonNormal(mean, line.spread[x]!, line.photonNoise[x]!)
        : poissonExact(random, mean);
    const electrons = line.electrons[x]! + photons;
    line.electrons[x] = electrons;
    out[x] = convert(row, line, x, electrons + line.left[x]!);
  }
}

/** Electrons in a pixel → DN. */
function convert(row: DetectorRow, line: Line, x: number, electrons: number): number {
  const signal = electrons * line.perElectron[x]!;
  const measured =
    signal < line.well[x]! ? nonlinear(signal, row.c0[x]!, row.c1[x]!, row.c2[x]!) : row.fullWell[x]!;
  const value = Math.round(
    row.bias[x]! + measured + row.readNoise[x]! * line.readNoise[x]! + line.offset[x]!,
  );
  return Math.min(Math.max(value, 0), 65535);
}

/** Guide windows that row `y` of the detector crosses. */
const guidesOf = ({ effects }: RampSettings, y: number): Rectangle[] =>
  (effects?.guideWindows?.windows ?? []).filter((window) => y >= window.y && y < window.y + window.ny);

/** A guiding pixel has just been reset: it holds what came in since, with the read's own noise. */
function readGuide(
  { effects }: RampSettings,
  guide: Rectangle,
  row: DetectorRow,
  line: Line,
  random: RandomState,
  out: Uint16Array,
): void {
  const seconds = effects?.guideWindows?.seconds ?? GUIDE_SECONDS;
  for (let x = guide.x; x < guide.x + guide.nx; x++)
    out[x] = convert(row, line, x, nextPoisson(random, line.rate[x]! * seconds));
}

/**
 * A whole exposure in memory, for tests and small detectors.
 *
 * @returns `[ramps, reads, ny, nx]`, DN
 */
export const simulateRamp = (settings: RampSettings): Uint16Array =>
  simulateRows(settings, 0, frameOf(settings).ny);
