import type { RawImage, Shape2 } from '../plane.ts';
import { openFiles, readRows } from './files.ts';
import type { Bench } from './job.ts';

/** Addresses and numbers for one `sample` call; see src/sample.ts. */
export interface SampleJob {
  readonly kind: 'sample';
  readonly shape: Shape2;
  readonly reads: readonly RawImage[];
  /** All reads are 16-bit integers of one scale and enter the kernel as they stand in the file. */
  readonly direct: boolean;
  /** float32 per read, in the shared memory. */
  readonly weights: number;
  readonly sumOfWeights: number;
  /** float32 rows per read, or 0. */
  readonly offsets: number;
  readonly offsetStride: number;
  /** Table of coefficient plane addresses. */
  readonly coefficients: number;
  readonly coefficientCount: number;
  /** 0 relative, 1 polynomial. */
  readonly form: number;
  readonly bias: number;
  readonly saturation: number;
  readonly saturationValue: number;
  readonly gain: number;
  readonly gainValue: number;
  readonly readNoise: number;
  readonly readNoiseValue: number;
  readonly poissonFactor: number;
  readonly readNoiseFactor: number;
  readonly slope: number;
  readonly varPoisson: number;
  readonly varRnoise: number;
  readonly dq: number;
  readonly tileRows: number;
  /** Reads whose tiles are held at once. */
  readonly batch: number;
  readonly scratch: number;
  readonly scratchStride: number;
  readonly layout: SampleLayout;
}

/** Byte offsets in a worker's area. */
export interface SampleLayout {
  readonly sum: number;
  readonly flags: number;
  /** Raw pixels of one read that needs decoding. */
  readonly raw: number;
  readonly reads: number;
  readonly readStride: number;
}

export const runSample = (job: SampleJob, bench: Bench): void => {
  const [ny, nx] = job.shape;
  const { kernels } = bench;
  const area = job.scratch + bench.worker * job.scratchStride;
  const sum = area + job.layout.sum;
  const flags = area + job.layout.flags;
  const raw = area + job.layout.raw;
  const store = area + job.layout.reads;
  const stride = job.layout.readStride;
  const first = job.reads[0]!;
  const { direct } = job;
  const kernel = direct ? kernels.sampleInt16 : kernels.sampleFloat32;
  const tiles = Math.ceil(ny / job.tileRows);
  const files = openFiles();
  try {
    for (let tile = bench.claim(tiles); tile >= 0; tile = bench.claim(tiles)) {
      const row = tile * job.tileRows;
      const rows = Math.min(job.tileRows, ny - row);
      const n = rows * nx;
      const pixel = row * nx;
      for (let r0 = 0; r0 < job.reads.length; r0 += job.batch) {
        const count = Math.min(job.batch, job.reads.length - r0);
        for (let i = 0; i < count; i++) {
          const image = job.reads[r0 + i]!;
          const to = store + i * stride;
          const from = direct || image.bitpix === -32 || image.bitpix === 32 ? to : raw;
          readRows(image, row, rows, files, bench.bytes, from);
          if (!direct) kernels.decodeFloat(from, to, n, image.bitpix, image.bscale, image.bzero);
        }
        // Offsets differ from column to column, so with them rows are taken one by one.
        kernel(
          ...[store, stride, count, job.weights + r0 * 4, job.sumOfWeights],
          job.offsets === 0 ? 0 : job.offsets + r0 * job.offsetStride,
          job.offsetStride,
          ...(job.offsets === 0 ? [1, n] : [rows, nx]),
          pixel,
          ...[job.coefficients, job.coefficientCount, job.form],
          ...[job.bias, job.saturation, job.saturationValue],
          ...[first.bscale, first.bzero, sum, flags, r0 === 0 ? 1 : 0],
        );
      }
      const at = pixel * 4;
      kernels.sampleFinish(
        ...[sum, flags, job.slope + at, job.varPoisson + at, job.varRnoise + at, job.dq + at, n],
        ...[job.gain === 0 ? 0 : job.gain + at, job.gainValue],
        ...[job.readNoise === 0 ? 0 : job.readNoise + at, job.readNoiseValue],
        ...[job.poissonFactor, job.readNoiseFactor],
      );
    }
  } finally {
    files.close();
  }
};
