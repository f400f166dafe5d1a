import { type DetectorSettings, defaultDetector } from './detector.ts';
import type { Effects } from './effects.ts';
import { invalidSetting } from './errors.ts';
import type { Rectangle } from './frame.ts';
import { gaussianPsf, isolationDistance, type Psf } from './psf.ts';
import { checkRamp, type RampSettings, readTimes } from './ramp.ts';
import type { ExposureLabels } from './rampfile.ts';
import { nextNormal, nextUniform, randomState } from './random.ts';
import { type CalibrationSettings, defaultCalibration } from './reference.ts';
import type { Star } from './scene.ts';
import { type SeeingSettings, seeingSeries } from './seeing.ts';
import type { Sampling } from './sequence.ts';
import { shifted, starField } from './starfield.ts';
import { saturationRate } from './truth.ts';

/** Everything that can be said about an observation; what is left out has a default. */
export interface ObservationOptions {
  /** Root of the data directory. */
  readonly dir: string;
  /** CRDS cache; references are made if it has no context. Without it none are made. */
  readonly refs?: string;
  /** Directory of the truth files; `<dir>/truth`. */
  readonly truth?: string;
  /** Pixels: one number for a square; 2048. From 384 on there are enough stars for the check. */
  readonly size?: number | readonly [ny: number, nx: number];
  /** IMG1 … IMG4, or IFS alone, whose reads hold stars and sky as the imager's do, no spectra; IMG1. */
  readonly detectors?: readonly string[];
  /** Exposures on the object and on the sky, the sky last, 3 and 1; or `order`, which spells the sequence out. */
  readonly science?: number;
  readonly sky?: number;
  readonly order?: readonly ('SCI' | 'SKY')[];
  /** Reads in a ramp, 10; ramps in an exposure, 1; seconds between reads, 2. */
  readonly reads?: number;
  readonly ramps?: number;
  readonly readSeconds?: number;
  readonly seed?: number;
  /** e-/s per pixel, 25. */
  readonly skyRate?: number;
  /** Pixels, 2.5. */
  readonly fwhm?: number;
  /** Isolated stars in the field, 400 or as many as fit. */
  readonly stars?: number;
  /** Largest dither in pixels, 12. */
  readonly dither?: number;
  readonly observationId?: string;
  readonly firstExposure?: number;
  readonly object?: string;
  readonly filter?: string;
  readonly pupil?: string;
  /** UTC of ObservationStart, ISO 8601. */
  readonly start?: string;
  readonly detector?: Partial<Omit<DetectorSettings, 'detector' | 'shape' | 'seed'>>;
  readonly calibration?: Partial<Omit<CalibrationSettings, 'detector' | 'reads' | 'readSeconds'>>;
  /** What detectors do besides counting photons; nothing. The border of reference pixels is the detector's. */
  readonly effects?: ObservationEffects;
  /** Subarray that is read of each detector; the whole of it. */
  readonly window?: Rectangle;
  /** Seconds from the reset of a ramp to each read; even reads. Their number is that of `reads`. */
  readonly times?: readonly number[];
  /** Writes each read into a file of its own when it is taken; else one file for each detector after the exposure. */
  readonly readFiles?: boolean;
  /**
   * For load rather than for truth: works out this many rows of one ramp of each detector, and fills all reads of all
   * exposures with them over and over, as fast as files can be written. Goes with `readFiles`.
   */
  readonly repeatRows?: number;
  /** Reads that fail, in files of their own: they are never written, or written with COMPLETE = F. */
  readonly missing?: readonly MissingRead[];
  /** Aborts an exposure (1 the first of the sequence) after so many reads of all its ramps together. */
  readonly abort?: { readonly exposure: number; readonly reads: number };
  /** Called for each read in a file of its own when the file is whole, before its ReadoutEnd. */
  readonly onRead?: (read: ReadFile) => void;
  /** Worker threads; 0 for none, default one for each core. */
  readonly threads?: number;
  /** Simulated seconds per real second; without it events come as fast as they are taken. */
  readonly pace?: number;
  readonly onProgress?: (progress: SimulationProgress) => void;
}

/** Effects whose details follow from the sequence of exposures. */
export interface ObservationEffects extends Omit<Effects, 'persistence' | 'seeing'> {
  /** Of the exposure before, which ended `gapSeconds` (20) before the reset. */
  readonly persistence?: {
    readonly fraction: number;
    readonly seconds: number;
    readonly gapSeconds?: number;
  };
  readonly seeing?: SeeingSettings;
}

/** RAMP_NO and READ_NO of a read that fails in every exposure, on one detector or on all. */
export interface MissingRead {
  readonly ramp: number;
  readonly read: number;
  readonly detector?: string;
  readonly incomplete?: boolean;
}

/** One read in a file of its own. */
export interface ReadFile {
  readonly exposureId: string;
  readonly detector: string;
  /** As RAMP_NO and READ_NO. */
  readonly ramp: number;
  readonly read: number;
  /** Seconds since the reset of the ramp. */
  readonly time: number;
  /** Absolute, and relative to the data directory. */
  readonly path: string;
  readonly filename: string;
}

export interface SimulationProgress {
  readonly stage: 'references' | 'reads';
  readonly exposureId?: string;
  readonly detector?: string;
  /** 0 to 1, of the references, or of this file. */
  readonly fraction: number;
}

export interface ExposurePlan {
  readonly exposureId: string;
  readonly number: number;
  readonly role: 'SCI' | 'SKY';
  /** Counted from 1 within its role. */
  readonly position: number;
  /** Pixels by which the stars move on the detector. */
  readonly offset: readonly [dx: number, dy: number];
  /** By detector. */
  readonly ramps: ReadonlyMap<string, RampSettings>;
}

export interface ObservationPlan {
  readonly observationId: string;
  readonly start: string;
  readonly seed: number;
  readonly detectors: readonly string[];
  readonly sampling: Sampling;
  readonly labels: Omit<ExposureLabels, 'exposureId' | 'role' | 'start' | 'offset'>;
  readonly exposures: readonly ExposurePlan[];
  readonly calibrations: readonly CalibrationSettings[];
  readonly missing: readonly MissingRead[];
}

/** The detectors of the imager, any of them together, or that of the IFS alone: it has exposures of its own. */
const areDetectors = (names: readonly string[]): boolean =>
  names.length > 0 && (names.every((name) => /^IMG[1-4]$/.test(name)) || names.join() === 'IFS');

/** Works out every exposure of an observation, without making any. */
export function planObservation(options: ObservationOptions): ObservationPlan {
  const { seed = 1, detectors = ['IMG1'], observationId = '2031A-001-123' } = options;
  const size = options.size ?? 2048;
  const shape: readonly [number, number] = typeof size === 'number' ? [size, size] : size;
  if (!areDetectors(detectors))
    throw invalidSetting(
      'detectors',
      detectors.join(' '),
      'one or more of IMG1 IMG2 IMG3 IMG4, or IFS alone',
    );
  const sampling = {
    reads: options.reads ?? 10,
    ramps: options.ramps ?? 1,
    readSeconds: options.readSeconds ?? 2,
    ...(options.times ? { times: options.times } : {}),
  };
  const order =
    options.order ??
    ([...Array(options.science ?? 3).fill('SCI'), ...Array(options.sky ?? 1).fill('SKY')] as (
      | 'SCI'
      | 'SKY'
    )[]);
  if (order.length === 0) throw invalidSetting('order', 'empty', 'at least one exposure');

  const settings = detectors.map(
    (detector): DetectorSettings => ({ ...defaultDetector, ...options.detector, detector, shape, seed }),
  );
  const psf = gaussianPsf(options.fwhm ?? 2.5);
  const skyRate = options.skyRate ?? 25;
  const dither = options.dither ?? 12;
  const fields = new Map(
    settings.map((detector) => [
      detector.detector,
      field({ detector, psf, skyRate, dither, sampling, stars: options.stars, seed }),
    ]),
  );
  // One exposure id for the imager as a whole, unless a single detector is all there is.
  const name = detectors.length === 1 ? detectors[0]! : 'IMG';
  const random = randomState(seed, 'dithers');
  const counts = { SCI: 0, SKY: 0 };
  if (options.missing?.length && !options.readFiles)
    throw invalidSetting(
      'missing',
      'asked for',
      'readFiles too: only reads in files of their own can be missing',
    );
  let before: ReadonlyMap<string, RampSettings> = new Map();
  const exposures = order.map((role, index): ExposurePlan => {
    const number = (options.firstExposure ?? 1) + index;
    const exposureId = `${observationId}-IRIS-${name}-${role}0-${String(number).padStart(4, '0')}`;
    const place = () => Number(((2 * nextUniform(random) - 1) * dither).toFixed(3));
    const offset: [number, number] = [place(), place()];
    const sky = skyRate * (1 + 0.01 * nextNormal(random));
    const ramps = new Map(
      settings.map((detector): [string, RampSettings] => {
        const stars = role === 'SKY' ? [] : shifted(fields.get(detector.detector)!, offset);
        const scene = { psf, stars, sky, skyGradient: [0.04, -0.03] as const };
        const effects = effectsOf(options, sampling, exposureId, before.get(detector.detector));
        const ramp: RampSettings = {
          detector,
          scene,
          ...sampling,
          noise: exposureId,
          ...(options.window ? { window: options.window } : {}),
          ...(options.abort?.exposure === index + 1 ? { abortedAfter: options.abort.reads } : {}),
          ...(effects ? { effects } : {}),
        };
        checkRamp(ramp);
        return [detector.detector, ramp];
      }),
    );
    before = ramps;
    counts[role] += 1;
    return { exposureId, number, role, position: counts[role], offset, ramps };
  });
  return {
    observationId,
    start: options.start ?? '2031-03-14T09:24:53.589Z',
    seed,
    detectors,
    sampling,
    labels: {
      observationId,
      object: options.object ?? 'NGC 1068',
      filter: options.filter ?? 'K',
      pupil: options.pupil ?? 'CLEAR',
      pointing: [40.1696, -0.0133],
    },
    exposures,
    calibrations: settings.map((detector) => ({
      ...defaultCalibration,
      ...options.calibration,
      detector,
      reads: sampling.reads,
      readSeconds: sampling.readSeconds,
      ...(options.effects?.settling ? { settling: options.effects.settling } : {}),
    })),
    missing: options.missing ?? [],
  };
}

/** Time between the end of an exposure and the reset of the next, unless the settings say. */
const GAP_SECONDS = 20;

function effectsOf(
  { effects, seed = 1 }: ObservationOptions,
  sampling: Sampling,
  exposureId: string,
  before: RampSettings | undefined,
): Effects | undefined {
  if (effects === undefined) return undefined;
  const { persistence, seeing, ...own } = effects;
  const exposureSeconds = before ? readTimes(before).at(-1)! * before.ramps : 0;
  return {
    ...own,
    ...(seeing ? { seeing: seeingSeries(seeing, sampling, seed, exposureId) } : {}),
    ...(persistence && before
      ? { persistence: { gapSeconds: GAP_SECONDS, ...persistence, earlier: before.scene, exposureSeconds } }
      : {}),
  };
}

interface FieldSettings {
  readonly detector: DetectorSettings;
  readonly psf: Psf;
  readonly skyRate: number;
  readonly dither: number;
  readonly sampling: Sampling;
  readonly stars: number | undefined;
  readonly seed: number;
}

/** Stars bright enough that a flux error of 3 % is many times the noise, and a few that are too bright. */
function field({ detector, psf, skyRate, dither, sampling, stars, seed }: FieldSettings): Star[] {
  const scene = { psf, stars: [], sky: skyRate, skyGradient: [0, 0] as const };
  const limit = saturationRate({ detector, scene, ...sampling, noise: '' });
  const margin = Math.ceil(dither) + psf.radius;
  const [ny, nx] = detector.shape;
  const room = ((ny + 2 * margin) * (nx + 2 * margin)) / isolationDistance(psf) ** 2;
  const isolated = stars ?? Math.min(400, Math.floor(0.35 * room));
  return starField({
    seed: `${seed} ${detector.detector}`,
    shape: detector.shape,
    psf,
    isolated,
    crowded: Math.floor(isolated / 10),
    saturating: Math.min(5, Math.floor(isolated / 10)),
    rates: [0.02 * limit, 0.6 * limit],
    saturationRate: limit,
    margin,
  });
}
