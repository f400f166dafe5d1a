import { roundUp } from './allocator.ts';
import { ALIGN, address, type Core, planeOrNumber, tileRows, writeTable } from './core.ts';
import type { JumpNumbers, RampJob } from './jobs/ramp.ts';
import { type RampPlan, rampPlan } from './ramp-plan.ts';
import {
  checkFitRamp,
  type FitRampResult,
  type FitRampSpec,
  type JumpSpec,
  type Ramp,
  type RampFit,
} from './ramp-spec.ts';

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
const layOut = (spec: FitRampSpec, reads: number, direct: boolean, halo: number) => {
  const [ny, nx] = spec.shape;
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

/**
 * Slope of an exposure from its ramps, replayed from their files tile by tile:
 *
 *   group flags, lost pixels → saturation and its growth → − bias − offsets of columns and rows → F(x) → − dark → jumps → fit
 *
 * Memory: the frames of the result, and to each thread 5 bytes to each sample of a few rows of all reads. Equations and
 * sources: src/twins (saturation, jump, ols, likely).
 *
 * Flags: SATURATED, JUMP_DET, AD_FLOOR, DROPOUT and PERSISTENCE where a read of the pixel has them; NO_SAT_CHECK,
 * NO_LIN_CORR; NO_GAIN_VALUE | DO_NOT_USE where gain or read noise is none; DO_NOT_USE where nothing could be fitted:
 * there the slope and its variances are NaN.
 *
 * @throws KernelsError BadSpec; ReadFailed with path and offset when a read is missing or cut short
 */
export const fitRamp = async (core: Core, spec: FitRampSpec): Promise<FitRampResult> => {
  checkFitRamp(spec);
  const { pool, team } = core;
  const { shape, ramps } = spec;
  const [, nx] = shape;
  const images = ramps.flatMap(({ reads }) => reads);
  const first = images[0]!;
  const differences = images.length - ramps.length;
  const method = spec.method === 'likely' && differences >= 3 ? 'likely' : 'ols';
  const plan = rampPlan(
    ramps.map(({ times }) => times),
    method,
  );
  const search = spec.jump && method === 'ols' && ramps.every(({ reads }) => reads.length > 2);
  const jump = search ? jumpNumbers(spec.jump, plan) : undefined;
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
  const tiles = layOut(spec, images.length, direct, grow + (jump?.neighbours ? 1 : 0));

  const offsetStride = roundUp(nx * 4, ALIGN) + ALIGN;
  const withOffsets = ramps.some(({ offsets }) => offsets);
  const coefficientsAt = roundUp(plan.bytes, ALIGN);
  const tallyAt = coefficientsAt + roundUp(coefficients.length * 4 + 4, ALIGN);
  const offsetsAt = tallyAt + team.threads * images.length * 16;
  const withRows = ramps.some(({ rowOffsets }) => rowOffsets);
  const rowsAt = roundUp(offsetsAt + (withOffsets ? images.length * offsetStride : 0), ALIGN);
  const scratchAt = roundUp(rowsAt + (withRows ? images.length * shape[0] * 4 : 0), ALIGN);

  const held: { release(): void }[] = [];
  const hold = <T extends { release(): void }>(frame: T): T => {
    held.push(frame);
    return frame;
  };
  const planes = (): RampFit => ({
    slope: hold(pool.float32(shape)),
    varPoisson: hold(pool.float32(shape)),
    varRnoise: hold(pool.float32(shape)),
    dq: hold(pool.uint32(shape)),
    ...(spec.readsUsed ? { readsUsed: hold(pool.uint32(shape)) } : {}),
    ...(spec.pedestal ? { pedestal: hold(pool.float32(shape)) } : {}),
  });
  try {
    const block = hold(pool.block(scratchAt + tiles.scratchStride * team.threads));
    const whole = planes();
    const each = spec.perRamp ? ramps.map(planes) : [];
    const { buffer } = pool.memory;
    plan.write(buffer, block.start);
    writeTable(core, block.start + coefficientsAt, coefficients);
    const tally = new Float64Array(buffer, block.start + tallyAt, team.threads * images.length * 2).fill(0);
    if (withOffsets) writeOffsets(ramps, nx, buffer, block.start + offsetsAt, offsetStride);
    if (withRows) {
      const lines = new Float32Array(buffer, block.start + rowsAt, images.length * shape[0]).fill(0);
      let line = 0;
      for (const { reads, rowOffsets } of ramps) {
        if (rowOffsets) lines.set(rowOffsets, line * shape[0]);
        line += reads.length;
      }
    }
    const fitOf = (planes: RampFit, from: number, count: number) => ({
      from,
      ramps: count,
      slope: planes.slope.ptr,
      varPoisson: planes.varPoisson.ptr,
      varRnoise: planes.varRnoise.ptr,
      dq: planes.dq.ptr,
      readsUsed: planes.readsUsed?.ptr ?? 0,
      pedestal: planes.pedestal?.ptr ?? 0,
    });
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
      grow,
      jump,
      // The fit of all comes first: `likely` looks for jumps in it, and the ramps one by one keep to what it found.
      fits: [fitOf(whole, 0, ramps.length), ...each.map((planes, k) => fitOf(planes, k, 1))],
      method,
      jwst: spec.variance === 'jwst',
      chi2: spec.jump ? (spec.jump.rejection ?? 4.5) ** 2 : 0,
      groupDq: spec.groupDq,
      tally: block.start + tallyAt,
      ...tiles,
      scratch: block.start + scratchAt,
    };
    await team.run(job, Math.ceil(shape[0] / tiles.tileRows));
    const totals = (which: 0 | 1): number[] =>
      images.map((_, r) => {
        let sum = 0;
        for (let t = 0; t < team.threads; t++) sum += tally[(t * images.length + r) * 2 + which]!;
        return sum;
      });
    const result = { ...whole, method, ramps: each, jumps: totals(0), saturated: totals(1) } as const;
    block.release();
    return result;
  } catch (error) {
    for (const frame of held) frame.release();
    throw error;
  }
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
    const outputs = offsets ? offsets.length / reads.length : 1;
    const width = nx / outputs;
    for (let r = 0; r < reads.length; r++, row++) {
      const line = new Float32Array(buffer, at + row * stride, nx);
      for (let o = 0; o < outputs; o++) {
        line.fill(offsets?.[r * outputs + o] ?? 0, o * width, (o + 1) * width);
      }
    }
  }
};
