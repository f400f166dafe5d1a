import { closeSync, openSync, readSync } from 'node:fs';
import { DQ } from '@iris-drs/datamodels';
import type { SampleSpec } from '@iris-drs/kernels';
import { GAIN, READ_NOISE, SATURATION } from './ramp.ts';

/** What `sample` gives, in plain arrays. */
export interface ScalarFrames {
  readonly slope: Float32Array;
  readonly varPoisson: Float32Array;
  readonly varRnoise: Float32Array;
  readonly dq: Uint32Array;
}

export const scalarFrames = (pixels: number): ScalarFrames => ({
  slope: new Float32Array(pixels),
  varPoisson: new Float32Array(pixels),
  varRnoise: new Float32Array(pixels),
  dq: new Uint32Array(pixels),
});

const STRIP_ROWS = 16;
const NONE = new Float32Array(0);

/**
 * The weighted sums in scalar TypeScript, one thread, double precision, for as many rows as `out` holds: reads strips of
 * a few rows of each read, decodes big-endian uint16, corrects x(1 + Σ cᵢxⁱ) with five coefficients or none and sums with
 * the weights of the method.
 */
export const scalarReadout = (spec: SampleSpec, out: ScalarFrames): void => {
  const nx = spec.shape[1];
  const ny = out.slope.length / nx;
  const correct = spec.nonlinearity !== undefined;
  const planes = spec.nonlinearity?.coefficients.map(({ data }) => data) ?? [];
  const [c0 = NONE, c1 = NONE, c2 = NONE, c3 = NONE, c4 = NONE] = planes;
  const bytes = new Uint8Array(STRIP_ROWS * nx * 2);
  const sum = new Float64Array(STRIP_ROWS * nx);
  const flags = new Uint32Array(STRIP_ROWS * nx);
  const variance = READ_NOISE ** 2 * spec.readNoiseFactor;
  const fd = openSync(spec.reads[0]!.path, 'r');
  try {
    for (let row = 0; row < ny; row += STRIP_ROWS) {
      const n = Math.min(STRIP_ROWS, ny - row) * nx;
      const first = row * nx;
      sum.fill(0);
      flags.fill(0);
      for (let r = 0; r < spec.reads.length; r++) {
        const weight = spec.weights[r]!;
        if (weight === 0) continue;
        if (readSync(fd, bytes, 0, n * 2, spec.reads[r]!.offset + first * 2) !== n * 2) {
          throw new Error(`${spec.reads[r]!.path} is cut short`);
        }
        for (let i = 0; i < n; i++) {
          const x = ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!) ^ 0x8000;
          if (x >= SATURATION) flags[i] = DQ.SATURATED | DQ.DO_NOT_USE;
          const p = first + i;
          const f = correct ? (((c4[p]! * x + c3[p]!) * x + c2[p]!) * x + c1[p]!) * x + c0[p]! : 0;
          sum[i]! += weight * (x * (1 + f));
        }
      }
      for (let i = 0; i < n; i++) {
        const slope = sum[i]!;
        out.slope[first + i] = slope;
        out.varPoisson[first + i] = (Math.max(slope, 0) / GAIN) * spec.poissonFactor;
        out.varRnoise[first + i] = variance;
        out.dq[first + i] = Number.isNaN(slope) ? flags[i]! | DQ.DO_NOT_USE : flags[i]!;
      }
    }
  } finally {
    closeSync(fd);
  }
};
