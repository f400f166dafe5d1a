import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { Engine, FloatPlane, RawImage, Shape2 } from '@iris-drs/kernels';

/** Reads of one ramp, big-endian uint16 as FITS has them, one after the other in a file without a header. */
export interface Exposure {
  readonly path: string;
  readonly shape: Shape2;
  readonly reads: readonly RawImage[];
  /** s */
  readonly times: readonly number[];
  readonly bytes: number;
  readonly samples: number;
}

/** The first `reads` of a file of `writeRamp`. */
export const exposure = (path: string, shape: Shape2, reads: number): Exposure => {
  const n = shape[0] * shape[1];
  return {
    path,
    shape,
    reads: Array.from({ length: reads }, (_, r) => ({
      ...{ path, offset: r * n * 2, shape, bitpix: 16 as const, bscale: 1, bzero: 32768 },
    })),
    times: Array.from({ length: reads }, (_, r) => 2 * (r + 1)),
    bytes: reads * n * 2,
    samples: reads * n,
  };
};

/** DN, e-/DN and DN; σ of the noise of `writeRamp` is √((32² − 1)/6). */
export const [PEDESTAL, GAIN, READ_NOISE] = [500, 2, 13];
/** DN */
export const SATURATION = 60_000;
/** DN */
const HIT = 2000;

/** Each pixel has a rate of its own; one in a hundred is hit once, one in some two hundred saturates. */
export const writeRamp = (path: string, shape: Shape2, reads: number): void => {
  const n = shape[0] * shape[1];
  const stored = new Uint16Array(n);
  const fd = openSync(path, 'w');
  let state = 1;
  try {
    for (let r = 0; r < reads; r++) {
      for (let i = 0; i < n; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        const noise = (state >>> 27) + ((state >>> 22) & 31);
        const hash = Math.imul(i, 0x9e3779b1) >>> 0;
        const hit = hash % 100 === 0 && r >= (hash >>> 8) % reads ? HIT : 0;
        const rate = (((i % 6007) * 9) / reads) * (i % 211 === 0 ? 4 : 1);
        const x = Math.min(65535, PEDESTAL + Math.floor(rate * (r + 1)) + noise + hit) ^ 0x8000;
        stored[i] = ((x & 255) << 8) | (x >>> 8);
      }
      const bytes = new Uint8Array(stored.buffer);
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    }
  } finally {
    closeSync(fd);
  }
};

/** Raw values of the first `ny` × `nx` pixels of all reads, `[read][pixel]`. */
export const corner = ({ path, shape, reads }: Exposure, [ny, nx]: Shape2): Float64Array[] => {
  const fd = openSync(path, 'r');
  const line = new Uint8Array(nx * 2);
  try {
    return reads.map(({ offset }) => {
      const values = new Float64Array(ny * nx);
      for (let y = 0; y < ny; y++) {
        readSync(fd, line, 0, line.length, offset + y * shape[1] * 2);
        for (let x = 0; x < nx; x++) values[y * nx + x] = ((line[2 * x]! << 8) | line[2 * x + 1]!) ^ 0x8000;
      }
      return values;
    });
  } finally {
    closeSync(fd);
  }
};

const COEFFICIENTS = 5;

/** So small that straight ramps stay straight; different in each pixel, in as many terms as the seed has. */
export const coefficientPlanes = (engine: Engine, shape: Shape2): FloatPlane[] =>
  Array.from({ length: COEFFICIENTS }, (_, k) => {
    const plane = engine.float32(shape);
    const scale = 2e-5 / 60_000 ** k;
    for (let i = 0; i < plane.data.length; i++) plane.data[i] = scale * (1 + (i % 101) / 100);
    return plane;
  });
