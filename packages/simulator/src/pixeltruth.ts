import { detectorRows, newDetectorRow } from './detector.ts';
import { frameOf } from './frame.ts';
import { lightOf } from './light.ts';
import type { RampSettings } from './ramp.ts';

/** What a detector really is, pixel by pixel, for ramps that are to be compared without the errors of references. */
export interface PixelTruth {
  /** [ny, nx] of what is read. */
  readonly shape: readonly [ny: number, nx: number];
  /** Linear signal of scene and dark current, DN/s: what a fit of the linearised ramp should find. */
  readonly slope: Float64Array;
  /** e-/DN. */
  readonly gain: Float64Array;
  /** Of a single read, DN, with the noise of rounding to whole DN. */
  readonly readNoise: Float64Array;
  /** Read at zero signal, DN. */
  readonly bias: Float64Array;
  /** DN above bias as read, where the pixel stops. */
  readonly fullWell: Float64Array;
  /** c₀, c₁, c₂ of F(x) = x (1 + c₀ + c₁x + c₂x²). */
  readonly coefficients: readonly [Float64Array, Float64Array, Float64Array];
  /** 0 good, 1 warm, 2 hot, 3 dead, 4 reference, 5 bad reference. */
  readonly kind: Uint8Array;
}

/**
 * The truth of every pixel of an exposure. The slope leaves out what the settings add on top: persistence, settling,
 * particles, and seeing that changes.
 */
export function pixelTruth(settings: RampSettings): PixelTruth {
  const frame = frameOf(settings);
  const size = frame.nx * frame.ny;
  const steady: RampSettings = { ...settings, effects: {} };
  const rows = detectorRows(settings.detector);
  const row = newDetectorRow(settings.detector.shape[1]);
  const rate = new Float64Array(row.gain.length);
  const plane = () => new Float64Array(size);
  const truth: PixelTruth = {
    shape: [frame.ny, frame.nx],
    slope: plane(),
    gain: plane(),
    readNoise: plane(),
    bias: plane(),
    fullWell: plane(),
    coefficients: [plane(), plane(), plane()],
    kind: new Uint8Array(size),
  };
  for (let y = 0; y < frame.ny; y++) {
    rows(frame.y + y, row);
    lightOf(steady, y, y + 1).rate(row, 0, rate);
    for (let i = 0; i < frame.nx; i++) {
      const [x, at] = [frame.x + i, y * frame.nx + i];
      truth.slope[at] = rate[x]! / row.gain[x]!;
      truth.gain[at] = row.gain[x]!;
      truth.readNoise[at] = Math.sqrt(row.readNoise[x]! ** 2 + 1 / 12);
      truth.bias[at] = row.bias[x]!;
      truth.fullWell[at] = row.fullWell[x]!;
      truth.coefficients[0][at] = row.c0[x]!;
      truth.coefficients[1][at] = row.c1[x]!;
      truth.coefficients[2][at] = row.c2[x]!;
      truth.kind[at] = row.kind[x]!;
    }
  }
  return truth;
}
