/*
 * Floats kept as scaled integers (FITS Standard 4.0, section 10.2): with subtractive dithering the rounding
 * error is made independent of the signal by a known sequence of random numbers.
 */
export type Dither = 'NO_DITHER' | 'SUBTRACTIVE_DITHER_1' | 'SUBTRACTIVE_DITHER_2';

const COUNT = 10_000;
/** The integer that stands for an exact 0.0 in SUBTRACTIVE_DITHER_2. */
const ZERO = -2147483646;

let sequence: Float32Array | undefined;

/** The standard's random numbers in [0, 1): Park and Miller's generator (appendix I). */
function randoms(): Float32Array {
  if (sequence) return sequence;
  sequence = new Float32Array(COUNT);
  let seed = 1;
  for (let i = 0; i < COUNT; i++) {
    seed = (seed * 16807) % 2147483647;
    sequence[i] = seed / 2147483647;
  }
  return sequence;
}

export interface Quantised {
  readonly scale: number;
  readonly zero: number;
  /** The integer that stands for NaN. */
  readonly blank: number | undefined;
  readonly dither: Dither;
  /** ZDITHER0 + index of the tile − 1; picks where in the sequence the tile begins. */
  readonly seed: number;
}

/** `out = stored × scale + zero`, dither taken back, NaN where blank. */
export function restore(
  stored: Int32Array | Int16Array | Uint8Array,
  out: Float32Array | Float64Array,
  { scale, zero, blank, dither, seed }: Quantised,
): void {
  if (dither === 'NO_DITHER') {
    for (let i = 0; i < stored.length; i++) {
      const value = stored[i] as number;
      out[i] = value === blank ? Number.NaN : value * scale + zero;
    }
    return;
  }
  const random = randoms();
  const keepsZero = dither === 'SUBTRACTIVE_DITHER_2';
  let start = ((seed % COUNT) + COUNT) % COUNT;
  const begin = () => Math.trunc(Math.fround((random[start] as number) * 500));
  let next = begin();
  for (let i = 0; i < stored.length; i++) {
    const value = stored[i] as number;
    if (value === blank) out[i] = Number.NaN;
    else if (keepsZero && value === ZERO) out[i] = 0;
    else out[i] = (value - (random[next] as number) + 0.5) * scale + zero;
    if (++next === COUNT) {
      start = (start + 1) % COUNT;
      next = begin();
    }
  }
}
