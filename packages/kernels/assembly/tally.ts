/** What the flags of a tile's own pixels come to. */
import { GROUP, JUMP_DET, SATURATED } from "./flags";

/** Adds the jumps and the saturated pixels of each read to the doubles [jumps, saturated] at `out`. */
export function tallyFlags(flags: usize, flagStride: usize, any: usize, reads: i32, start: i32, n: i32, out: usize): void {
  for (let i = start; i < start + n; i++) {
    const p = <usize>i;
    if ((load<u8>(any + p) & (JUMP_DET | SATURATED)) == 0) continue;
    let f = flags + p, o = out;
    for (let r = 0; r < reads; r++, f += flagStride, o += 16) {
      const q: i32 = load<u8>(f);
      if (q & JUMP_DET) store<f64>(o, load<f64>(o) + 1);
      if (q & SATURATED) store<f64>(o, load<f64>(o, 8) + 1, 8);
    }
  }
}

/** Group flags as a file holds them. */
export function fileFlags(flags: usize, n: i32): void {
  const mask = i8x16.splat(<i8>(GROUP));
  for (let i: usize = 0; i < <usize>n; i += 16) v128.store(flags + i, v128.and(v128.load(flags + i), mask));
}
