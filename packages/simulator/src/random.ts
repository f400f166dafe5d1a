/**
 * Seeded random numbers: xoshiro128** (Blackman & Vigna 2018) seeded by splitmix-style mixing.
 * A stream belongs to what it draws (an exposure, a detector, a row), never to a thread, so the
 * same seed gives the same bits whatever the number of threads.
 */
export type RandomState = Uint32Array<ArrayBuffer>;

/** A stream of its own for every different list of numbers and words. */
export function randomState(...path: readonly (number | string)[]): RandomState {
  let hash = 0x9e3779b9;
  for (const part of path) {
    const text = `${part}\u001f`;
    for (let i = 0; i < text.length; i++) hash = mix32(hash ^ (text.charCodeAt(i) + 0x9e3779b9));
  }
  const state = new Uint32Array(4);
  for (let i = 0; i < 4; i++) {
    hash = (hash + 0x9e3779b9) | 0;
    state[i] = mix32(hash);
  }
  state[0]! |= 1; // the all-zero state is the one that never leaves itself
  return state;
}

function mix32(value: number): number {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

/** Uniform 32-bit integer, 0 .. 2³²−1. */
export function nextUint32(state: RandomState): number {
  const s1 = state[1]!;
  const product = Math.imul(s1, 5);
  const result = Math.imul((product << 7) | (product >>> 25), 9);
  state[2]! ^= state[0]!;
  state[3]! ^= s1;
  state[1]! ^= state[2]!;
  state[0]! ^= state[3]!;
  state[2]! ^= s1 << 9;
  const s3 = state[3]!;
  state[3] = (s3 << 11) | (s3 >>> 21);
  return result >>> 0;
}

/** Uniform number in (0, 1), never 0 nor 1. */
export const nextUniform = (state: RandomState): number => (nextUint32(state) + 0.5) / 4294967296;

// Ziggurat of 128 equal areas (Marsaglia & Tsang 2000 in Doornik's 2005 form): x[i] are the edges.
const LAYERS = 128;
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;
const edge = new Float64Array(LAYERS + 1);
const ratio = new Float64Array(LAYERS);
{
  let density = Math.exp(-0.5 * TAIL * TAIL);
  edge[0] = AREA / density;
  edge[1] = TAIL;
  for (let i = 2; i < LAYERS; i++) {
    edge[i] = Math.sqrt(-2 * Math.log(AREA / edge[i - 1]! + density));
    density = Math.exp(-0.5 * edge[i]! * edge[i]!);
  }
  for (let i = 0; i < LAYERS; i++) ratio[i] = edge[i + 1]! / edge[i]!;
}
const FRACTION = 2 ** -24;

/** Fills `out[0 .. count)` with standard normal deviates. */
export function fillNormals(state: RandomState, out: Float64Array, count: number = out.length): void {
  for (let i = 0; i < count; i++) out[i] = nextNormal(state);
}

/** One standard normal deviate; 25 bits make the value, 7 other bits the layer. */
export function nextNormal(state: RandomState): number {
  for (;;) {
    const bits = nextUint32(state);
    const layer = bits & 127;
    const signed = ((bits >> 7) + 0.5) * FRACTION; // −1 .. 1
    if (Math.abs(signed) < ratio[layer]!) return signed * edge[layer]!;
    if (layer === 0) return tail(state, signed < 0);
    const x = signed * edge[layer]!;
    const upper = Math.exp(-0.5 * (edge[layer]! * edge[layer]! - x * x));
    const lower = Math.exp(-0.5 * (edge[layer + 1]! * edge[layer + 1]! - x * x));
    if (lower + nextUniform(state) * (upper - lower) < 1) return x;
  }
}

function tail(state: RandomState, negative: boolean): number {
  for (;;) {
    const x = Math.log(nextUniform(state)) / TAIL;
    const y = Math.log(nextUniform(state));
    if (-2 * y >= x * x) return negative ? x - TAIL : TAIL - x;
  }
}

/** Mean from which photon counts are drawn from a skewed normal instead of the exact Poisson law. */
export const POISSON_EXACT_BELOW = 30;

/**
 * Poisson deviate of a mean below 30: exact, by inversion.
 */
export function poissonExact(state: RandomState, mean: number): number {
  if (!(mean > 0)) return 0;
  let n = 0;
  let probability = Math.exp(-mean);
  let left = nextUniform(state) - probability;
  while (left > 0 && n < 200) {
    n += 1;
    probability *= mean / n;
    left -= probability;
  }
  return n;
}

/**
 * Poisson deviate of a mean from 30 on, by the normal law with the Cornish–Fisher term of the skewness:
 * n = round(λ + √(λ − 5/36) z + (z² − 1)/6). Mean and variance are those of Poisson's law (5/36 pays for
 * the rounding and the skew term), the third moment nearly so.
 *
 * @param spread  √(λ − 5/36), see {@link poissonSpread}
 * @param normal  a standard normal deviate
 */
export function poissonNormal(mean: number, spread: number, normal: number): number {
  const n = Math.floor(mean + spread * normal + (normal * normal - 1) / 6 + 0.5);
  return Math.max(n, 0);
}

export const poissonSpread = (mean: number): number => Math.sqrt(Math.max(mean - 5 / 36, 0));

/** Poisson deviate of any mean. */
export const nextPoisson = (state: RandomState, mean: number): number =>
  mean < POISSON_EXACT_BELOW
    ? poissonExact(state, mean)
    : poissonNormal(mean, poissonSpread(mean), nextNormal(state));
