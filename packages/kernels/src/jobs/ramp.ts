import type { Paint } from '../events/large-events.ts';
import type { RawImage, Shape2 } from '../plane.ts';
import type { Rectangle } from '../ramp-spec.ts';
import { openFiles, readRows, writeFully } from './files.ts';
import type { Bench } from './job.ts';

/** Addresses and numbers for one `fitRamp` call; see src/fit-ramp.ts. Addresses of planes are of frames; 0 is absent. */
export interface RampJob {
  readonly kind: 'ramp';
  readonly shape: Shape2;
  readonly plan: number;
  readonly ramps: readonly {
    readonly reads: readonly RawImage[];
    readonly groupDq?: readonly RawImage[] | undefined;
    readonly lost?: readonly (readonly Rectangle[])[] | undefined;
  }[];
  /** All reads are 16-bit integers of one scale and enter the kernel as they stand in the file. */
  readonly direct: boolean;
  /** float32 rows per read, or 0. */
  readonly offsets: number;
  readonly offsetStride: number;
  /** float32 `[nreads, ny]`, or 0. */
  readonly rowOffsets: number;
  readonly dark: readonly RawImage[];
  readonly mask: number;
  readonly coefficients: number;
  readonly coefficientCount: number;
  /** 0 relative, 1 polynomial. */
  readonly form: number;
  readonly bias: number;
  readonly saturation: number;
  readonly saturationValue: number;
  readonly floor: number;
  readonly grow: number;
  readonly gain: number;
  readonly gainValue: number;
  readonly readNoise: number;
  readonly readNoiseValue: number;
  readonly jump?: JumpNumbers | undefined;
  readonly fits: readonly FitPlanes[];
  readonly method: 'ols' | 'likely';
  /** JWST's formulae for the variances of `ols`. */
  readonly jwst: boolean;
  /** Least gain of χ² for which `likely` leaves a difference out. */
  readonly chi2: number;
  readonly groupDq?: { readonly fd: number; readonly offset: number } | undefined;
  /** What larger events flag after jumps were looked for. */
  readonly paints: readonly Paint[];
  /** Runs of flagged pixels, `capacity` of 8 bytes to a worker, their numbers in its second area; nothing is fitted then. */
  readonly runs?: { readonly at: number; readonly capacity: number; readonly counts: number } | undefined;
  /** Two doubles per read and worker. */
  readonly tally: number;
  readonly tileRows: number;
  /** Rows beyond a tile that its flags depend on, whole units of rows. */
  readonly halo: number;
  /** Reads whose raw pixels are held at once. */
  readonly batch: number;
  readonly scratch: number;
  readonly scratchStride: number;
  readonly layout: RampLayout;
}

export interface JumpNumbers {
  readonly single: number;
  readonly four: number;
  readonly three: number;
  readonly two: number;
  readonly neighbours?: { readonly min: number; readonly max: number } | undefined;
  readonly after: readonly { readonly threshold: number; readonly seconds: number }[];
}

/** Ramps fitted together and where the result goes. */
export interface FitPlanes {
  readonly from: number;
  readonly ramps: number;
  readonly slope: number;
  readonly varPoisson: number;
  readonly varRnoise: number;
  readonly dq: number;
  readonly readsUsed: number;
  readonly pedestal: number;
}

/** Byte offsets in a worker's area. */
export interface RampLayout {
  readonly signal: number;
  readonly signalStride: number;
  readonly flags: number;
  readonly flagStride: number;
  readonly any: number;
  readonly base: number;
  readonly raw: number;
  readonly rawStride: number;
  /** Two planes of 4-byte pixels. */
  readonly stage: number;
  readonly work: number;
}

const SATURATED = 2;
const JUMP_DET = 4;
/** DROPOUT | DO_NOT_USE. */
const LOST = 9;

export const runRamp = (job: RampJob, bench: Bench): void => {
  const [ny, nx] = job.shape;
  const { kernels } = bench;
  const { layout, plan } = job;
  const area = job.scratch + bench.worker * job.scratchStride;
  const x = area + layout.signal;
  const flags = area + layout.flags;
  const any = area + layout.any;
  const base = area + layout.base;
  const raw = area + layout.raw;
  const stage = area + layout.stage;
  const stage2 = stage + layout.signalStride;
  const work = area + layout.work;
  const xs = layout.signalStride;
  const fs = layout.flagStride;
  const first = job.ramps[0]!.reads[0]!;
  const prepare = job.direct ? kernels.prepareInt16 : kernels.prepareFloat32;
  const reads = job.ramps.reduce((sum, ramp) => sum + ramp.reads.length, 0);
  const tally = job.tally + bench.worker * reads * 16;
  const files = openFiles();

  const decode = (image: RawImage, row: number, rows: number, to: number): void => {
    const from = Math.abs(image.bitpix) === 32 ? to : stage2;
    readRows(image, row, rows, files, bench.bytes, from);
    kernels.decodeFloat(from, to, rows * nx, image.bitpix, image.bscale, image.bzero);
  };
  const decodeFlags = (image: RawImage, row: number, rows: number, to: number): void => {
    const from = image.bitpix === 32 ? stage : stage2;
    readRows(image, row, rows, files, bench.bytes, from);
    kernels.decodeFlags(from, stage, rows * nx, image.bitpix, image.bzero);
    kernels.narrowFlags(stage, to, rows * nx);
  };

  const load = (row: number, rows: number): void => {
    const pixel = row * nx;
    const n = rows * nx;
    const at = (plane: number): number => (plane === 0 ? 0 : plane + pixel * 4);
    kernels.preparePixels(
      ...[base, any, n, at(job.mask), job.saturation, pixel],
      ...[job.coefficients, job.coefficientCount, job.form],
      ...[at(job.gain), job.gainValue, at(job.readNoise), job.readNoiseValue],
    );
    let read = 0;
    for (const { reads: images, groupDq } of job.ramps) {
      for (let r0 = 0; r0 < images.length; r0 += job.batch) {
        const count = Math.min(job.batch, images.length - r0);
        for (let i = 0; i < count; i++) {
          const to = raw + i * layout.rawStride;
          if (job.direct) readRows(images[r0 + i]!, row, rows, files, bench.bytes, to);
          else decode(images[r0 + i]!, row, rows, to);
          if (groupDq) decodeFlags(groupDq[r0 + i]!, row, rows, flags + (read + i) * fs);
        }
        prepare(
          ...[raw, layout.rawStride, count, r0 > 0 ? 1 : 0, groupDq ? 1 : 0],
          job.offsets === 0 ? 0 : job.offsets + read * job.offsetStride,
          job.offsetStride,
          ...(job.rowOffsets === 0 ? [0, 0] : [job.rowOffsets + (read * ny + row) * 4, ny * 4]),
          // Offsets differ from column to column or row to row, so with them rows are taken one by one.
          ...(job.offsets === 0 && job.rowOffsets === 0 ? [1, n] : [rows, nx]),
          pixel,
          ...[job.coefficients, job.coefficientCount, job.form],
          ...[job.bias, job.saturation, job.saturationValue, job.floor],
          ...[first.bscale, first.bzero, base, any, x + read * xs, xs, flags + read * fs, fs],
        );
        for (let i = 0; i < count && job.dark.length > 0; i++) {
          decode(job.dark[r0 + i]!, row, rows, stage);
          kernels.subtractDark(x + (read + i) * xs, stage, n);
        }
        read += count;
      }
    }
    read = 0;
    for (const { reads: images, lost = [] } of job.ramps) {
      for (const [r, rectangles] of lost.entries())
        for (const rectangle of rectangles) lose(read + r, rectangle, row, rows);
      read += images.length;
    }
  };

  /** What saturation had said of the read goes: the pixels hold something else. */
  const lose = (
    read: number,
    { x0, y0, nx: width, ny: height }: Rectangle,
    row: number,
    rows: number,
  ): void => {
    for (let y = Math.max(y0, row); y < Math.min(y0 + height, row + rows); y++) {
      const at = (y - row) * nx + x0;
      bench.bytes(flags + read * fs + at, width).fill(LOST);
      const seen = bench.bytes(any + at, width);
      for (let i = 0; i < width; i++) seen[i]! |= LOST;
    }
  };

  const paint = (
    { y, x: spans, from, until, saturated }: Paint,
    row: number,
    y0: number,
    y1: number,
  ): void => {
    for (let v = Math.max(y0, y); v < Math.min(y1, y + spans.length / 2); v++) {
      const [start, end] = [spans[2 * (v - y)]!, spans[2 * (v - y) + 1]!];
      if (end <= start) continue;
      const at = (v - row) * nx + start;
      const seen = bench.bytes(any + at, end - start);
      for (let r = from; r < until; r++) {
        const read = bench.bytes(flags + r * fs + at, end - start);
        for (let i = 0; i < read.length; i++) {
          if (saturated) read[i] = SATURATED;
          else if ((read[i]! & SATURATED) === 0) read[i]! |= JUMP_DET;
          seen[i]! |= read[i]!;
        }
      }
    }
  };

  let runs = 0;
  const tiles = Math.ceil(ny / job.tileRows);
  try {
    for (let tile = bench.claim(tiles); tile >= 0; tile = bench.claim(tiles)) {
      const y0 = tile * job.tileRows;
      const y1 = Math.min(ny, y0 + job.tileRows);
      const a = Math.max(0, y0 - job.halo);
      const b = Math.min(ny, y1 + job.halo);
      load(a, b - a);
      if (job.grow > 0) kernels.growSaturation(plan, flags, fs, any, b - a, nx, job.grow);
      const noise = [
        ...[job.gain === 0 ? 0 : job.gain + a * nx * 4, job.gainValue],
        ...[job.readNoise === 0 ? 0 : job.readNoise + a * nx * 4, job.readNoiseValue],
      ];
      const tileOf = [plan, x, xs, flags, fs, any];
      const start = (y0 - a) * nx;
      const n = (y1 - y0) * nx;
      if (job.jump) {
        const { single, four, three, two, neighbours, after } = job.jump;
        const reach = neighbours ? 1 : 0;
        const from = (Math.max(a, y0 - reach) - a) * nx;
        const to = (Math.min(b, y1 + reach) - a) * nx;
        const [low, high] = neighbours ? [neighbours.min, neighbours.max] : [0, 0];
        kernels.jump(...tileOf, from, to, ...noise, single, four, three, two, low, high, work);
        if (neighbours) kernels.spreadJumps(plan, flags, fs, any, b - a, nx);
        for (const { threshold, seconds } of after) {
          kernels.flagAfterJumps(...tileOf, start, start + n, threshold, seconds, work);
        }
      }
      for (const one of job.paints) paint(one, a, y0, y1);
      if (job.runs) {
        const { at, capacity, counts } = job.runs;
        const mine = at + bench.worker * capacity * 8;
        runs = kernels.flagRuns(plan, flags, fs, start, y1 - y0, nx, y0, mine, capacity, runs);
        bench.floats(counts, bench.worker + 1)[bench.worker] = runs;
      }
      for (const [k, fit] of job.fits.entries()) {
        const at = (plane: number): number => (plane === 0 ? 0 : plane + y0 * nx * 4);
        const out = [fit.slope, fit.varPoisson, fit.varRnoise, fit.dq, fit.readsUsed, fit.pedestal].map(at);
        const pixels = [plan, fit.from, fit.ramps, x, xs, flags, fs, any, base, start, n, ...noise];
        if (job.method === 'likely') kernels.likely(...pixels, k === 0 ? job.chi2 : 0, ...out, work);
        else kernels.ols(...pixels, job.jwst ? 1 : 0, ...out, work);
      }
      kernels.tallyFlags(flags, fs, any, reads, start, n, tally);
      if (job.groupDq) {
        for (let r = 0; r < reads; r++) {
          const at = flags + r * fs + start;
          kernels.fileFlags(at, n);
          writeFully(job.groupDq.fd, bench.bytes(at, n), job.groupDq.offset + (r * ny + y0) * nx);
        }
      }
    }
  } finally {
    files.close();
  }
};
