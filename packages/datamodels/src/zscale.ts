/** Display limits by IRAF's zscale. */

const CONTRAST = 0.25;
const SAMPLES = 1000;
const REJECT_SIGMA = 2.5;
const MAX_ITERATIONS = 5;
const MIN_PIXELS = 5;
const MAX_REJECT = 0.5;

/**
 * Limits that show the sky and faint sources: a line is fitted, with rejection, to a sorted sample against
 * rank; its slope divided by the contrast spans the limits around the median, within the sample.
 *
 * @see IRAF images.tv.display, zscale; the same parameters as astropy.visualization.ZScaleInterval
 */
export function zscale(values: ArrayLike<number>): { low: number; high: number } {
  const finite = Float64Array.from(values).filter(Number.isFinite);
  if (finite.length === 0) return { low: 0, high: 0 };
  const stride = Math.max(1, Math.floor(finite.length / SAMPLES));
  const sample = finite
    .filter((_, i) => i % stride === 0)
    .slice(0, SAMPLES)
    .sort();
  const n = sample.length;
  const low = sample[0]!;
  const high = sample[n - 1]!;
  const fit = fitLine(sample);
  if (fit.kept < Math.max(MIN_PIXELS, Math.trunc(n * MAX_REJECT))) return { low, high };
  const slope = fit.slope / CONTRAST;
  const centre = Math.trunc((n - 1) / 2);
  const median = n % 2 ? sample[centre]! : (sample[centre]! + sample[centre + 1]!) / 2;
  return {
    low: Math.max(low, median - (centre - 1) * slope),
    high: Math.min(high, median + (n - centre) * slope),
  };
}

/** Least squares of value against rank, points beyond 2.5σ and their neighbours rejected, up to five times. */
function fitLine(sample: Float64Array): { slope: number; kept: number } {
  const n = sample.length;
  const grow = Math.max(1, Math.trunc(n * 0.01));
  let bad = new Uint8Array(n);
  let kept = n;
  let last = n + 1;
  let slope = 0;
  for (let i = 0; i < MAX_ITERATIONS; i++) {
    if (kept >= last || kept < Math.max(MIN_PIXELS, Math.trunc(n * MAX_REJECT))) break;
    const line = leastSquares(sample, bad);
    slope = line.slope;
    const threshold = REJECT_SIGMA * line.sigma;
    const outlier = new Uint8Array(n);
    for (let x = 0; x < n; x++) {
      const residual = sample[x]! - (line.slope * x + line.intercept);
      if (bad[x] || Math.abs(residual) > threshold) outlier[x] = 1;
    }
    bad = grown(outlier, grow);
    last = kept;
    kept = n - bad.reduce((sum, flag) => sum + flag, 0);
  }
  return { slope, kept };
}

function leastSquares(
  sample: Float64Array,
  bad: Uint8Array,
): { slope: number; intercept: number; sigma: number } {
  let m = 0;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  for (let x = 0; x < sample.length; x++) {
    if (bad[x]) continue;
    const y = sample[x]!;
    m += 1;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  const det = m * sxx - sx * sx;
  const slope = det > 0 ? (m * sxy - sx * sy) / det : 0;
  const intercept = (sy - slope * sx) / Math.max(m, 1);
  let mean = 0;
  let square = 0;
  for (let x = 0; x < sample.length; x++) {
    if (bad[x]) continue;
    const residual = sample[x]! - (slope * x + intercept);
    mean += residual;
    square += residual * residual;
  }
  mean /= Math.max(m, 1);
  return { slope, intercept, sigma: Math.sqrt(Math.max(0, square / Math.max(m, 1) - mean * mean)) };
}

/** Every flag spread over `width` samples, centred. */
function grown(flags: Uint8Array, width: number): Uint8Array<ArrayBuffer> {
  const before = Math.floor((width - 1) / 2);
  const after = width - 1 - before;
  const out = new Uint8Array(flags.length);
  for (let x = 0; x < flags.length; x++) {
    if (flags[x]) out.fill(1, Math.max(0, x - before), Math.min(flags.length, x + after + 1));
  }
  return out;
}
