/** Where reads are flagged, row by row, for what is larger than a pixel; src/events finds it. */
import { firstRead, ramp, rampsOf, readCount } from "./plan";
import { DO_NOT_USE, JUMP_DET, SATURATED } from "./flags";

/** Of a run's read, the bit that tells newly saturated pixels from jumps. */
const NEW_SATURATED: i32 = 0x8000;

let found: i32 = 0, room: i32 = 0, to: usize = 0;

// @ts-ignore: decorator
@inline
function run(read: i32, y: i32, from: i32, end: i32): void {
  if (found < room) {
    const at = to + ((<usize>found) << 3);
    store<u16>(at, <u16>read); store<u16>(at, <u16>y, 2); store<u16>(at, <u16>from, 4); store<u16>(at, <u16>end, 6);
  }
  found++;
}

/**
 * Runs [from, end) of pixels with a jump, and of those that are saturated and were not in the read before, behind the
 * `count` runs at `out`; four 16-bit numbers read (| 0x8000: saturated), y, from, end to each, as many as `capacity`.
 *
 * @returns their number, which may be larger than `capacity`
 */
export function flagRuns(
  plan: usize, flags: usize, flagStride: usize, start: i32, rows: i32, nx: i32, y0: i32,
  out: usize, capacity: i32, count: i32,
): i32 {
  found = count; room = capacity; to = out;
  const wanted = i8x16.splat(<i8>(JUMP_DET | SATURATED));
  for (let k = 0; k < rampsOf(plan); k++) {
    const record = ramp(plan, k);
    const first = firstRead(record), last = first + readCount(record);
    for (let r = first; r < last; r++) {
      for (let row = 0; row < rows; row++) {
        const f = flags + <usize>r * flagStride + <usize>(start + row * nx);
        let jump = -1, full = -1;
        for (let i = 0; i < nx; i += 16) {
          if (jump < 0 && full < 0 && !v128.any_true(v128.and(v128.load(f + <usize>i), wanted))) continue;
          for (let j = i; j < min(i + 16, nx); j++) {
            const q: i32 = load<u8>(f + <usize>j);
            const isJump = (q & (JUMP_DET | SATURATED | DO_NOT_USE)) == JUMP_DET;
            const isFull = (q & SATURATED) != 0 && r > first && (load<u8>(f + <usize>j - flagStride) & SATURATED) == 0;
            if (isJump) { if (jump < 0) jump = j; } else if (jump >= 0) { run(r, y0 + row, jump, j); jump = -1; }
            if (isFull) { if (full < 0) full = j; } else if (full >= 0) { run(r | NEW_SATURATED, y0 + row, full, j); full = -1; }
          }
        }
        if (jump >= 0) run(r, y0 + row, jump, nx);
        if (full >= 0) run(r | NEW_SATURATED, y0 + row, full, nx);
      }
    }
  }
  return found;
}
