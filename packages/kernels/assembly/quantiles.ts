/**
 * One counting pass of a radix selection. Float bits are mapped to integers of the same order (flip all bits of
 * negatives, the sign bit of others). `bucket` < 0: counts upper halves; else lower halves of keys in that bucket.
 */
export function histogram(plane: usize, dq: usize, mask: u32, counts: usize, bucket: i32, n: i32): void {
  for (let i: usize = 0, end = (<usize>n) << 2; i < end; i += 4) {
    const bits = load<u32>(plane + i);
    if ((bits & 0x7fffffff) > 0x7f800000) continue;
    if (dq && load<u32>(dq + i) & mask) continue;
    const key = bits ^ (<u32>((<i32>bits) >> 31) | 0x80000000);
    let slot: u32;
    if (bucket < 0) slot = key >> 16;
    else {
      if (key >> 16 != <u32>bucket) continue;
      slot = key & 0xffff;
    }
    const at = counts + ((<usize>slot) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}
