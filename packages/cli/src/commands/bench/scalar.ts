import { closeSync, openSync, readSync } from 'node:fs';
import { DQ } from '@iris-drs/datamodels';
import type { SampleSpec } from '@iris-drs/kernels';

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

interface ScalarSpec extends SampleSpec {
  readonly saturation: number;
  readonly gain: number;
  readonly readNoise: number;
}

const STRIP_ROWS = 16;

/**
 * The readout in scalar TypeScript, one thread, double precision: reads strips of a few rows of each read, decodes
 * big-endian uint16, corrects x(1 + Σ cᵢxⁱ) with five coefficients and sums with the weights of the method.
 */
export const scalarReadout = (spec: ScalarSpec, out: ScalarFrames): void => {
  const [ny, nx] = spec.shape;
  const [c0, c1, c2, c3, c4] = spec.nonlinearity!.coefficients.map(({ data }) => data) as Float32Array[];
  const bytes = new Uint8Array(STRIP_ROWS * nx * 2);
  const sum = new Float64Array(STRIP_ROWS * nx);
  const flags = new Uint32Array(STRIP_ROWS * nx);
  const variance = spec.readNoise ** 2 * spec.readNoiseFactor;
  const fd = openSync(spec.reads[0]!.path, 'r');
  try {
    for (let row = 0; row < ny; row += STRIP_ROWS) {
      const n = Math.min(STRIP_ROWS, ny - row) * nx;
      const first = row * nx;
      sum.fill(0);
      flags.fill(0);
      for (let r = 0; r < spec.reads.length; r++) {
        const weight = spec.weights[r]!;
        if (readSync(fd, bytes, 0, n * 2, spec.reads[r]!.offset + first * 2) !== n * 2) {
          throw new Error(`${spec.reads[r]!.path} is cut short`);
        }
        for (let i = 0; i < n; i++) {
          const x = ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!) ^ 0x8000;
          const p = first + i;
          const f = (((c4![p]! * x + c3![p]!) * x + c2![p]!) * x + c1![p]!) * x + c0![p]!;
          if (x >= spec.saturation) flags[i] = DQ.SATURATED | DQ.DO_NOT_USE;
          sum[i]! += weight * (x * (1 + f));
        }
      }
      for (let i = 0; i < n; i++) {
        const slope = sum[i]!;
        out.slope[first + i] = slope;
        out.varPoisson[first + i] = (Math.max(slope, 0) / spec.gain) * spec.poissonFactor;
        out.varRnoise[first + i] = variance;
        out.dq[first + i] = Number.isNaN(slope) ? flags[i]! | DQ.DO_NOT_USE : flags[i]!;
      }
    }
  } finally {
    closeSync(fd);
  }
};
