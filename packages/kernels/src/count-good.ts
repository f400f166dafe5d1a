import { address, type Core, map, tilePixels } from './core.ts';
import { type FlagPlane, pixelsOf } from './plane.ts';
import { totalsOf } from './totals.ts';

/** Counts pixels of flag frames as they come; for frames that come in parts, or are not to be waited for. */
export interface GoodCount extends Disposable {
  add(dq: FlagPlane): Promise<void>;
  /** Of what has been counted by now; where work is put off, `settled` makes it all. */
  readonly pixels: number;
}

/** Counts pixels without any of the mask's bits. */
export const countGood = (core: Core, mask: number): GoodCount => {
  const count = totalsOf(core, 1);
  return {
    add(dq) {
      const args = [{ plane: address(dq, dq.shape, 'dq') }, mask, 'count', count.arg(0)] as const;
      return map(core, 'countGood', pixelsOf(dq.shape), args, tilePixels(1));
    },
    get pixels() {
      return Number(count.total(0));
    },
    [Symbol.dispose]: () => count[Symbol.dispose](),
  };
};
