/** Byte order and masks shared by the kernels. Loops run in blocks of 8 pixels: areas are padded to that. */

// @ts-ignore: decorator
@inline
export function swap16(v: v128): v128 {
  return v128.or(i16x8.shl(v, 8), i16x8.shr_u(v, 8));
}

// @ts-ignore: decorator
@inline
export function swap32(v: v128): v128 {
  return v128.shuffle<u8>(v, v, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

// @ts-ignore: decorator
@inline
export function swap64(v: v128): v128 {
  return v128.shuffle<u8>(v, v, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
}

/** All ones where a lane is NaN. */
// @ts-ignore: decorator
@inline
export function isNaN4(v: v128): v128 {
  return f32x4.ne(v, v);
}

/** Two masks of four lanes to eight bytes of 0 or 255. */
// @ts-ignore: decorator
@inline
export function bytes(a: v128, b: v128): v128 {
  const n = i16x8.narrow_i32x4_s(a, b);
  return i8x16.narrow_i16x8_s(n, n);
}

/** a·b + c; rounded once where the module has relaxed SIMD and the processor an instruction for it. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Bytes of `v` at the places that `lanes` names; 0 where it says −1. */
// @ts-ignore: decorator
@inline
export function pick(v: v128, lanes: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(v, lanes);
  return i8x16.swizzle(v, lanes);
}
