import type { DetectorRow } from './detector.ts';
import { frameOf } from './frame.ts';
import { gaussianPsf } from './psf.ts';
import { type RampSettings, readTimes } from './ramp.ts';
import { renderRows, type Scene } from './scene.ts';

/** What makes the charge of an interval depend on when it is. */
export interface LightSettings {
  /** Charge of an earlier exposure that the pixels trapped and let go: `fraction` of it, falling by e in `seconds`. */
  readonly persistence?: {
    readonly earlier: Scene;
    /** Length of the earlier exposure, and time from its end to this one's first reset. */
    readonly exposureSeconds: number;
    readonly gapSeconds: number;
    readonly fraction: number;
    readonly seconds: number;
  };
  /** Dark charge that comes in early in each ramp: `electrons` in all, falling by e in `seconds`. */
  readonly settling?: Settling;
  /** FWHM over that of the scene's PSF between each read and the one before: `[ramp][read]`. */
  readonly seeing?: readonly (readonly number[])[];
}

export interface Settling {
  readonly electrons: number;
  readonly seconds: number;
}

/** Part of a decay that falls between two times. */
export const decayed = (from: number, to: number, seconds: number): number =>
  Math.exp(-from / seconds) - Math.exp(-to / seconds);

/** Mean electrons that the pixels of rows `[first, last)` of a read collect in each interval. */
export interface Light {
  /** Whether all intervals have the same means. */
  readonly steady: boolean;
  /** @param line  row of the band, from 0; `row` its pixels; result in `mean`, `[nx]` of the whole detector */
  collect(row: DetectorRow, line: number, ramp: number, read: number, mean: Float64Array): void;
  /** Electrons per second of the scene and the steady dark current. */
  rate(row: DetectorRow, line: number, rate: Float64Array): void;
}

export function lightOf(settings: RampSettings, first: number, last: number): Light {
  const { detector, scene, effects, readSeconds } = settings;
  const [ny, nx] = detector.shape;
  const { y: top } = frameOf(settings);
  const size = (last - first) * nx;
  const render = (of: Scene) => {
    const light = new Float64Array(size);
    renderRows(of, [ny, nx], top + first, top + last, light);
    return light;
  };
  const still = render(scene);
  const { persistence, settling, seeing } = effects ?? {};
  const earlier = persistence && render(persistence.earlier);
  const changing = seeing?.map((ramp) =>
    ramp.map((factor) => render({ ...scene, psf: gaussianPsf(scene.psf.fwhm * factor) })),
  );
  const times = readTimes(settings);
  // Even reads have intervals of exactly `readSeconds`, which differences of times would only nearly give.
  const interval = (read: number) => (settings.times ? times[read]! - (times[read - 1] ?? 0) : readSeconds);
  const delay = effects?.outputs?.delaySeconds ?? 0;
  const width = nx / detector.channels;
  const collected = (row: DetectorRow, light: number, x: number) => row.response[x]! * light + row.dark[x]!;

  return {
    steady: !persistence && !settling && !seeing && !settings.times && delay === 0,
    rate(row, line, rate) {
      for (let x = 0; x < nx; x++) rate[x] = collected(row, still[line * nx + x]!, x);
    },
    collect(row, line, ramp, read, mean) {
      const light = changing?.[ramp]?.[read] ?? still;
      const seconds = interval(read);
      for (let x = 0; x < nx; x++) mean[x] = collected(row, light[line * nx + x]!, x) * seconds;
      if (delay > 0 && read === 0)
        for (let x = 0; x < nx; x++)
          mean[x]! += collected(row, light[line * nx + x]!, x) * delay * Math.floor(x / width);
      const [from, to] = [times[read - 1] ?? 0, times[read]!];
      if (settling) {
        const early = settling.electrons * decayed(from, to, settling.seconds);
        for (let x = 0; x < nx; x++) if (row.sensitive[x]) mean[x]! += early;
      }
      if (persistence && earlier) {
        const since = persistence.gapSeconds + ramp * times.at(-1)!;
        const released = persistence.fraction * decayed(since + from, since + to, persistence.seconds);
        for (let x = 0; x < nx; x++) {
          const well = (row.fullWell[x]! / (1 - detector.nonlinearity)) * row.gain[x]!;
          const charge = row.response[x]! * earlier[line * nx + x]! * persistence.exposureSeconds;
          mean[x]! += Math.min(charge, well) * released;
        }
      }
    },
  };
}
