import { roundUp } from './allocator.ts';
import { ALIGN, address, type Core, planeOrNumber, spreadOffsets, tileRows, writeTable } from './core.ts';
import type { Paint } from './events/large-events.ts';
import type { FitPlanes, JumpNumbers, RampJob } from './jobs/ramp.ts';
import type { Shape2 } from './plane.ts';
import { type RampPlan, rampPlan } from './ramp-plan.ts';
import type { FitRampSpec, JumpSpec, Ramp } from './ramp-spec.ts';

const jumpNumbers = (jump: JumpSpec, plan: RampPlan): JumpNumbers => ({
  single: plan.single ? 1 : 0,
  four: jump.rejection ?? 4,
  three: jump.fourReads ?? 5,
  two: jump.threeReads ?? 6,
  neighbours: jump.neighbours === false ? undefined : (jump.neighbours ?? { min: 10, max: 1000 }),
  // Times are sums of decimals: a read at the very end of the interval is in it.
  after: (jump.after ?? []).map(({ threshold, seconds }) => ({
    threshold,
    seconds: seconds * (1 + 1e-9) + 1e-9,
  })),
});

const TILE_BYTES = 8 * 1024 * 1024;
const MOST_ROWS = 64;
const BATCH = 8;
/** Bytes of work area to a difference: the most that a kernel takes, `likely`. */
const WORK = 112;

/** Areas of a worker for all reads of the rows of a tile and its halo. */
const layOut = ([ny, nx]: Shape2, reads: number, direct: boolean, halo: number) => {
  const unit = tileRows([8, nx], 1);
  const haloRows = Math.ceil(halo / unit) * unit;
  const rows = Math.max(TILE_BYTES / (reads * 5 * nx) - 2 * haloRows, 4 * haloRows, 1);
  const tile = tileRows([ny, nx], Math.min(rows, MOST_ROWS) * nx);
  const pixels = Math.min(tile + 2 * haloRows, Math.ceil(ny / unit) * unit) * nx;
  // An odd number of cache lines between reads keeps the reads of a pixel in different sets of the cache.
  const stride = (bytes: number): number => {
    const lines = roundUp(pixels * bytes, ALIGN) / ALIGN + 1;
    return (lines + ((lines + 1) % 2)) * ALIGN;
  };
  const batch = Math.min(BATCH, reads);
  let end = 0;
  const place = (bytes: number): number => {
    const at = end;
    end += roundUp(bytes, ALIGN);
    return at;
  };
  const signalStride = stride(4);
  const flagStride = stride(1);
  const rawStride = direct ? stride(2) : signalStride;
  const layout = {
    signal: place(reads * signalStride),
    signalStride,
    flags: place(reads * flagStride),
    flagStride,
    any: place(flagStride),
    base: place(signalStride),
    raw: place(batch * rawStride),
    rawStride,
    // 64-bit pixels take both planes and more.
    stage: place(3 * signalStride),
    work: place((reads + 8) * WORK),
  };
  return { layout, tileRows: tile, halo: haloRows, batch, scratchStride: end };
};

/** What one replay does with the reads. */
export interface Replay {
  readonly method: 'ols' | 'likely';
  /** Jumps are looked for by two-point differences. */
  readonly search: boolean;
  readonly paints: readonly Paint[];
  /** Fits that go to planes; none where only flags are wanted. */
  readonly fits: readonly FitPlanes[];
  readonly runs?: RampJob['runs'];
}

/** Pixels with a jump before, and pixels saturated in, each read of all ramps. */
export interface FlagCounts {
  readonly jumps: readonly number[];
  readonly saturated: readonly number[];
}

/** One pass over the reads of a checked spec, tile by tile. */
export const replay = async (core: Core, spec: FitRampSpec, how: Replay): Promise<FlagCounts> => {
  const { pool, team } = core;
  const { method, search, paints, fits, runs } = how;
  const { shape, ramps } = spec;
  const [ny, nx] = shape;
  const images = ramps.flatMap(({ reads }) => reads);
  const first = images[0]!;
  const plan = rampPlan(
    ramps.map(({ times }) => times),
    method,
  );
  const jump = search && spec.jump ? jumpNumbers(spec.jump, plan) : undefined;
  const direct = images.every((r) => r.bitpix === 16 && r.bscale === first.bscale && r.bzero === first.bzero);
  const [saturation, saturationValue] = planeOrNumber(
    spec.saturation?.threshold,
    Number.NaN,
    shape,
    'saturation',
  );
  const [gain, gainValue] = planeOrNumber(spec.gain, Number.NaN, shape, 'gain');
  const [readNoise, readNoiseValue] = planeOrNumber(spec.readNoise, Number.NaN, shape, 'readNoise');
  const bias = address(spec.bias, shape, 'bias');
  const mask = address(spec.mask, shape, 'mask');
  const coefficients = (spec.nonlinearity?.coefficients ?? []).map((c, i) =>
    address(c, shape, `coefficient ${i}`),
  );
  const grow = spec.saturation ? (spec.saturation.grow ?? 1) : 0;
  const tiles = layOut(shape, images.length, direct, grow + (jump?.neighbours ? 1 : 0));

  const offsetStride = roundUp(nx * 4, ALIGN) + ALIGN;
  const withOffsets = ramps.some(({ offsets }) => offsets);
  const withRows = ramps.some(({ rowOffsets }) => rowOffsets);
  const coefficientsAt = roundUp(plan.bytes, ALIGN);
  const tallyAt = coefficientsAt + roundUp(coefficients.length * 4 + 4, ALIGN);
  const offsetsAt = tallyAt + team.threads * images.length * 16;
  const rowsAt = roundUp(offsetsAt + (withOffsets ? images.length * offsetStride : 0), ALIGN);
  const scratchAt = roundUp(rowsAt + (withRows ? images.length * ny * 4 : 0), ALIGN);

  using block = pool.block(scratchAt + tiles.scratchStride * team.threads);
  const { buffer } = pool.memory;
  plan.write(buffer, block.start);
  writeTable(core, block.start + coefficientsAt, coefficients);
  const tally = new Float64Array(buffer, block.start + tallyAt, team.threads * images.length * 2).fill(0);
  if (withOffsets) writeOffsets(ramps, nx, buffer, block.start + offsetsAt, offsetStride);
  if (withRows) writeRowOffsets(ramps, new Float32Array(buffer, block.start + rowsAt, images.length * ny));
  const job: RampJob = {
    kind: 'ramp',
    shape,
    plan: block.start,
    ramps: ramps.map(({ reads, groupDq, lost }) => ({ reads, groupDq, lost })),
    direct,
    offsets: withOffsets ? block.start + offsetsAt : 0,
    offsetStride,
    rowOffsets: withRows ? block.start + rowsAt : 0,
    dark: spec.dark ?? [],
    coefficients: block.start + coefficientsAt,
    coefficientCount: coefficients.length,
    form: spec.nonlinearity?.form === 'polynomial' ? 1 : 0,
    ...{ mask, bias, saturation, saturationValue, gain, gainValue, readNoise, readNoiseValue },
    floor: spec.saturation?.floor ?? Number.NEGATIVE_INFINITY,
    ...{ grow, jump, fits, method, paints, runs },
    jwst: spec.variance === 'jwst',
    chi2: spec.jump ? (spec.jump.rejection ?? 4.5) ** 2 : 0,
    groupDq: fits.length > 0 ? spec.groupDq : undefined,
    tally: block.start + tallyAt,
    ...tiles,
    scratch: block.start + scratchAt,
  };
  await team.run(job, Math.ceil(ny / tiles.tileRows));
  const totals = (which: 0 | 1): number[] =>
    images.map((_, r) => {
      let sum = 0;
      for (let t = 0; t < team.threads; t++) sum += tally[(t * images.length + r) * 2 + which]!;
      return sum;
    });
  return { jumps: totals(0), saturated: totals(1) };
};

/** One row of offsets to each read, each output's over its columns. */
const writeOffsets = (
  ramps: readonly Ramp[],
  nx: number,
  buffer: ArrayBufferLike,
  at: number,
  stride: number,
): void => {
  let row = 0;
  for (const { reads, offsets } of ramps) {
    const outputs = (offsets?.length ?? 0) / reads.length;
    for (let r = 0; r < reads.length; r++, row++) {
      const own = offsets?.subarray(r * outputs, (r + 1) * outputs);
      spreadOffsets(new Float32Array(buffer, at + row * stride, nx), own);
    }
  }
};

/** One number to each row of each read. */
const writeRowOffsets = (ramps: readonly Ramp[], lines: Float32Array): void => {
  const rows = lines.length / ramps.reduce((sum, { reads }) => sum + reads.length, 0);
  lines.fill(0);
  let read = 0;
  for (const { reads, rowOffsets } of ramps) {
    if (rowOffsets) lines.set(rowOffsets, read * rows);
    read += reads.length;
  }
};
