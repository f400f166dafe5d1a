export interface Curve {
  readonly form: 'relative' | 'polynomial';
  readonly coefficients: readonly number[];
}

/** One pixel of what `sample` takes; numbers in double precision. */
export interface SamplePixel extends Curve {
  /** DN, one per read. */
  readonly reads: readonly number[];
  readonly weights: readonly number[];
  readonly bias: number;
  /** DN, one per read. */
  readonly offsets: readonly number[];
  readonly saturation: number;
  /** e-/DN. */
  readonly gain: number;
  /** DN, single read. */
  readonly readNoise: number;
  readonly poissonFactor: number;
  readonly readNoiseFactor: number;
}

/**
 * F(x) = x(1 + Σ cᵢxⁱ), iris_readout's drsrop.c, or Σ cᵢxⁱ, stcal's linearity.py; F(x) = x where a coefficient is
 * NaN or the polynomial has no linear term.
 */
export const linearised = (x: number, form: 'relative' | 'polynomial', c: readonly number[]): number => {
  if (c.length === 0 || !correctable(form, c)) return x;
  const sum = c.reduceRight((y, ci) => y * x + ci, 0);
  return form === 'relative' ? x * (1 + sum) : sum;
};

/** Flags of a pixel before its first read. */
export const flagsOf = ({ form, coefficients: c }: Curve): number =>
  c.length > 0 && !correctable(form, c) ? 1048576 : 0;

const correctable = (form: 'relative' | 'polynomial', c: readonly number[]): boolean =>
  !(c.some(Number.isNaN) || (form === 'polynomial' && !(c[1] ?? 0)));

/** VAR_POISSON = max(slope, 0)/gain × P, VAR_RNOISE = readNoise² × R. */
export const finished = (
  slope: number,
  dq: number,
  pixel: Omit<SamplePixel, 'reads' | 'weights' | 'offsets'>,
) => ({
  slope,
  dq: Number.isFinite(slope) ? dq : dq | 1,
  varPoisson: pixel.gain > 0 ? (Math.max(slope, 0) / pixel.gain) * pixel.poissonFactor : Number.NaN,
  varRnoise: pixel.readNoise ** 2 * pixel.readNoiseFactor,
});

/** slope = Σ wᵣ F(xᵣ − bias − offsetᵣ), variances as in `finished`. */
export const sample = (pixel: SamplePixel) => {
  const { reads, weights, form, coefficients } = pixel;
  let slope = 0;
  let dq = flagsOf(pixel);
  for (const [r, x] of reads.entries()) {
    const w = weights[r]!;
    if (w === 0) continue;
    if (x >= pixel.saturation) dq |= 3;
    slope += w * linearised(x - pixel.bias - pixel.offsets[r]!, form, coefficients);
  }
  return finished(slope, dq, pixel);
};
