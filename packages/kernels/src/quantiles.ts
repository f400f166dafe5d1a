import { address, type Core, map } from './core.ts';
import { KernelsError } from './errors.ts';
import { type FlagPlane, type FloatPlane, pixelsOf } from './plane.ts';

/** Pixels whose flags have none of the mask's bits count. */
export interface Good {
  readonly dq: FlagPlane;
  readonly mask: number;
}

export interface Quantiles {
  /** NaN when no pixel counts. */
  readonly values: readonly number[];
  /** Pixels that count: not NaN and not flagged. */
  readonly count: number;
}

const BUCKETS = 65536;
const TILE = 32768;

const floatOf = (key: number): number => {
  const bits = key >= 0x80000000 ? key ^ 0x80000000 : ~key;
  return new Float32Array(new Uint32Array([bits]).buffer)[0]!;
};

/**
 * Exact quantiles of a frame by radix selection: one pass counts the upper halves of order-preserving keys, one
 * more for each bucket that holds a wanted rank counts the lower halves there.
 *
 * Between ranks numpy's `linear` rule holds: rank (n−1)q; for q = 0.5 and even n the mean of the two middle values.
 * NaN and flagged pixels are ignored.
 */
export const quantiles = async (
  core: Core,
  plane: FloatPlane,
  q: readonly number[],
  good?: Good,
): Promise<Quantiles> => {
  const wrong = q.find((v) => !(v >= 0 && v <= 1));
  if (wrong !== undefined) throw new KernelsError('BadSpec', `quantile ${wrong}; it must lie from 0 to 1`);
  const { pool, team } = core;
  const pixels = pixelsOf(plane.shape);
  const from = address(plane, plane.shape, 'plane');
  const dq = address(good?.dq, plane.shape, 'dq');
  const stride = BUCKETS * 4;
  const area = pool.block(stride * team.threads);

  const counted = async (bucket: number): Promise<Float64Array> => {
    const all = new Uint32Array(pool.memory.buffer, area.start, BUCKETS * team.threads).fill(0);
    const counts = { perWorker: area.start, stride };
    const args = [{ plane: from }, { plane: dq }, good?.mask ?? 0, counts, bucket, 'count'] as const;
    await map(core, 'histogram', pixels, args, TILE);
    const sum = new Float64Array(BUCKETS);
    for (let i = 0; i < all.length; i++) sum[i % BUCKETS]! += all[i]!;
    return sum;
  };

  const find = (counts: Float64Array, rank: number): { slot: number; rest: number } => {
    let rest = rank;
    for (let slot = 0; slot < BUCKETS; slot++) {
      const here = counts[slot]!;
      if (rest < here) return { slot, rest };
      rest -= here;
    }
    throw new KernelsError('WorkerFailed', 'the frame changed while its quantiles were being found');
  };

  try {
    const upper = await counted(-1);
    const count = upper.reduce((a, b) => a + b, 0);
    if (count === 0) return { values: q.map(() => Number.NaN), count };
    const lower = new Map<number, Float64Array>();
    const valueAt = async (rank: number): Promise<number> => {
      const { slot, rest } = find(upper, rank);
      const counts = lower.get(slot) ?? (await counted(slot));
      lower.set(slot, counts);
      return floatOf(slot * BUCKETS + find(counts, rest).slot);
    };
    const values: number[] = [];
    for (const v of q) {
      const rank = (count - 1) * v;
      const a = await valueAt(Math.floor(rank));
      const b = await valueAt(Math.ceil(rank));
      const t = rank - Math.floor(rank);
      values.push(a === b ? a : t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t));
    }
    return { values, count };
  } finally {
    area.release();
  }
};
