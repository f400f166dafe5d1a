/** Non-linearity of four pixels; the twin src/twins/sample.ts holds the equations. */
import { isNaN4, madd } from "./lanes";

/** Coefficient plane `i` at byte offset `at`, or zero where there is none. */
// @ts-ignore: decorator
@inline
export function coefficient(table: usize, count: i32, i: i32, at: usize): v128 {
  return i < count ? v128.load(<usize>load<u32>(table + ((<usize>i) << 2)) + at) : f32x4.splat(0);
}

/** F(x) − k₀ = x(k₁ + x(k₂ + … )) with any number of coefficients. */
// @ts-ignore: decorator
@inline
export function horner(x: v128, table: usize, count: i32, relative: bool, good: v128, at: usize): v128 {
  let y = f32x4.splat(0);
  const last = relative ? 0 : 1;
  for (let i = count - 1; i >= last; i--) y = madd(y, x, coefficient(table, count, i, at));
  if (relative) y = f32x4.add(y, f32x4.splat(1));
  return f32x4.mul(x, v128.bitselect(y, f32x4.splat(1), good));
}

/** All ones where every coefficient is a number (and, in the polynomial form, the linear one is not zero). */
// @ts-ignore: decorator
@inline
export function correctable(table: usize, count: i32, relative: bool, at: usize): v128 {
  let bad = i32x4.splat(0);
  for (let i = 0; i < count; i++) bad = v128.or(bad, isNaN4(coefficient(table, count, i, at)));
  if (!relative && count > 0) bad = v128.or(bad, f32x4.eq(coefficient(table, count, 1, at), f32x4.splat(0)));
  return v128.not(bad);
}
