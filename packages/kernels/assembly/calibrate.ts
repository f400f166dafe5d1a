/** Dark subtraction and flat division in one pass; the twin src/twins/calibrate.ts holds the equations. */
import { isNaN4 } from "./lanes";

export function calibrate(
  sci: usize, dq: usize, varPoisson: usize, varRnoise: usize,
  dark: usize, darkDq: usize, darkVariance: usize,
  flat: usize, flatDq: usize, flatVariance: usize, varFlat: usize, n: i32,
): void {
  const end = (<usize>n) << 2;
  const zero = f32x4.splat(0), one = f32x4.splat(1);
  const noFlat = i32x4.splat(262144), noFlatUnusable = i32x4.splat(262145);
  for (let o: usize = 0; o < end; o += 16) {
    let s = v128.load(sci + o), q = v128.load(dq + o);
    let r = v128.load(varRnoise + o);
    if (dark) {
      const d = v128.load(dark + o);
      const missing = isNaN4(d);
      s = f32x4.sub(s, v128.andnot(d, missing));
      if (darkVariance) r = f32x4.add(r, v128.andnot(v128.load(darkVariance + o), missing));
      if (darkDq) q = v128.or(q, v128.load(darkDq + o));
    }
    if (flat) {
      let f = v128.load(flat + o);
      let bad = v128.or(isNaN4(f), f32x4.eq(f, zero));
      if (flatDq) {
        const fq = v128.load(flatDq + o);
        q = v128.or(q, fq);
        bad = v128.or(bad, i32x4.ne(v128.and(fq, noFlat), zero));
      }
      q = v128.or(q, v128.and(bad, noFlatUnusable));
      f = v128.bitselect(one, f, bad);
      s = f32x4.div(s, f);
      const inverse = f32x4.div(one, f32x4.mul(f, f));
      v128.store(varPoisson + o, f32x4.mul(v128.load(varPoisson + o), inverse));
      r = f32x4.mul(r, inverse);
      if (varFlat) {
        let v = zero;
        if (flatVariance) v = f32x4.mul(f32x4.mul(f32x4.mul(s, s), inverse), v128.load(flatVariance + o));
        v128.store(varFlat + o, v128.andnot(v, bad));
      }
    } else if (varFlat) {
      v128.store(varFlat + o, zero);
    }
    v128.store(sci + o, s);
    v128.store(dq + o, q);
    v128.store(varRnoise + o, r);
  }
}
