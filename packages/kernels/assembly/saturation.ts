/** Growth of saturation over neighbours; the twin is src/twins/saturation.ts. */
import { firstRead, ramp, rampsOf, readCount } from "./plan";
import { SATURATED, SOURCE } from "./flags";

/** Every pixel within `reach` columns and rows of one that saturates by itself is saturated from the same read on. */
export function growSaturation(plan: usize, flags: usize, flagStride: usize, any: usize, rows: i32, nx: i32, reach: i32): void {
  const nramps = rampsOf(plan);
  for (let y = 0; y < rows; y++) {
    for (let i = 0; i < nx; i++) {
      const p = <usize>(y * nx + i);
      if ((load<u8>(any + p) & SOURCE) == 0) continue;
      for (let k = 0; k < nramps; k++) {
        const record = ramp(plan, k);
        const first = firstRead(record), end = first + readCount(record);
        let r = first;
        while (r < end && (load<u8>(flags + <usize>r * flagStride + p) & SOURCE) == 0) r++;
        if (r == end) continue;
        for (let v = max(0, y - reach); v <= min(rows - 1, y + reach); v++) {
          for (let u = max(0, i - reach); u <= min(nx - 1, i + reach); u++) {
            const q = <usize>(v * nx + u);
            store<u8>(any + q, load<u8>(any + q) | <u8>SATURATED);
            let f = flags + <usize>r * flagStride + q;
            for (let s = r; s < end; s++, f += flagStride) store<u8>(f, load<u8>(f) | <u8>SATURATED);
          }
        }
      }
    }
  }
}
