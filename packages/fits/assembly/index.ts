export { riceDecode8, riceDecode16, riceDecode32, riceEncode8, riceEncode16, riceEncode32 } from "./rice";
export { hdecompress } from "./hcompress";

/** Make room up to this byte; false if there is none. */
export function reserve(end: usize): bool {
  const pages = <i32>((end + 0xffff) >> 16) - memory.size();
  return pages <= 0 || memory.grow(pages) >= 0;
}
