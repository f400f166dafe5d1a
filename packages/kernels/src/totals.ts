import { ALIGN, type Core } from './core.ts';
import type { TileArg } from './jobs/map.ts';

/** u64 totals that kernels add up, each thread in a cache line of its own. */
export interface Totals extends Disposable {
  /** Where a kernel adds to total `i`. */
  arg(i: number): TileArg;
  /** By now; where work is put off, `settled` makes it all. */
  total(i: number): bigint;
}

/** So many totals, 0 at first. */
export const totalsOf = ({ pool, team: { threads } }: Core, count: number): Totals => {
  const block = pool.block(count * threads * ALIGN);
  const words = new BigUint64Array(pool.memory.buffer, block.start, (count * threads * ALIGN) / 8).fill(0n);
  return {
    arg: (i) => ({ addsTo: block.start + i * threads * ALIGN, stride: ALIGN }),
    total(i) {
      let sum = 0n;
      for (let k = 0; k < threads; k++) sum += words[((i * threads + k) * ALIGN) / 8]!;
      return sum;
    },
    [Symbol.dispose]: block.release,
  };
};
