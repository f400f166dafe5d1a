import { address, type Core, map, tilePixels } from './core.ts';
import { type FlagPlane, pixelsOf } from './plane.ts';

/** Counts pixels of flag frames as they come; for frames that come in parts, or are not to be waited for. */
export interface GoodCount extends Disposable {
  add(dq: FlagPlane): Promise<void>;
  /** Of what has been counted by now; where work is put off, `settled` makes it all. */
  readonly pixels: number;
}

/** A cache line. */
const STRIDE = 64;

/** Counts pixels without any of the mask's bits. */
export const countGood = (core: Core, mask: number): GoodCount => {
  const { threads } = core.team;
  const block = core.pool.block(threads * STRIDE);
  const { buffer } = core.pool.memory;
  const counts = Array.from(
    { length: threads },
    (_, k) => new BigUint64Array(buffer, block.start + k * STRIDE, 1),
  );
  for (const count of counts) count[0] = 0n;
  const total = { addsTo: block.start, stride: STRIDE };
  return {
    add: (dq) =>
      map(
        core,
        'countGood',
        pixelsOf(dq.shape),
        [{ plane: address(dq, dq.shape, 'dq') }, mask, 'count', total],
        tilePixels(1),
      ),
    get pixels() {
      return Number(counts.reduce((sum, [count]) => sum + count!, 0n));
    },
    [Symbol.dispose]: block.release,
  };
};
