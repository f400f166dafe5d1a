import { DQ, type RampModel, readPixelFlags } from '@iris-drs/datamodels';
import type { Engine, FlagPlane } from '@iris-drs/kernels';

/** Flags of one read that spoil any sum it is part of; their bits, one byte, are the same in every JWST table. */
const SPOILING = DQ.DO_NOT_USE | DQ.SATURATED | DQ.JUMP_DET | DQ.DROPOUT;

/**
 * Flags that came with the reads: PIXELDQ, and of GROUPDQ what spoils a read that was used, with DO_NOT_USE. One
 * weighted sum makes the slope of all pixels, so a spoiled read cannot be left out for one of them. A jump spoils the
 * difference of any reads before and after it, also where the read that bears it is not used itself.
 *
 * @param used  one per read of all ramps
 */
export const addInputFlags = async (
  engine: Engine,
  ramp: RampModel,
  used: readonly boolean[],
  dq: FlagPlane,
): Promise<void> => {
  using held = new DisposableStack();
  const pixels = await readPixelFlags(engine, ramp);
  if (pixels) await engine.orFlags(dq, held.use(pixels));

  const any = held.use(engine.uint32(dq.shape));
  let first = 0;
  for (const reads of ramp.groupDq ?? []) {
    const taken = reads.map((_, r) => used[first + r] === true);
    first += reads.length;
    for (let r = taken.indexOf(true); r >= 0 && r <= taken.lastIndexOf(true); r++) {
      using flags = await engine.readFlags(reads[r]!);
      const spoiling = taken[r] ? SPOILING : DQ.JUMP_DET;
      for (let i = 0; i < any.data.length; i++) any.data[i]! |= flags.data[i]! & spoiling;
    }
  }
  for (let i = 0; i < any.data.length; i++) if (any.data[i]! !== 0) any.data[i]! |= DQ.DO_NOT_USE;
  await engine.orFlags(dq, any);
};

/** Spreads SATURATED, with DO_NOT_USE, to the pixels within `reach` in x and y. */
export const growSaturation = ({ data, shape: [ny, nx] }: FlagPlane, reach: number): void => {
  const seeds: number[] = [];
  for (let i = 0; i < data.length; i++) if (data[i]! & DQ.SATURATED) seeds.push(i);
  for (const i of seeds) {
    const [y0, x0] = [Math.floor(i / nx), i % nx];
    for (let y = Math.max(0, y0 - reach); y <= Math.min(ny - 1, y0 + reach); y++)
      for (let x = Math.max(0, x0 - reach); x <= Math.min(nx - 1, x0 + reach); x++)
        data[y * nx + x]! |= DQ.SATURATED | DQ.DO_NOT_USE;
  }
};
