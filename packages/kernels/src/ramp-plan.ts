import { roundUp } from './allocator.ts';
import { differenceNoise } from './median-noise.ts';
import { clippedMedianNetwork, medianNetwork } from './network.ts';

/** What the kernels know of the reads, laid out as assembly/plan.ts has it. */
export interface RampPlan {
  readonly bytes: number;
  readonly differences: number;
  /** Ramps of too few reads for one median over all their differences are searched for jumps one difference at a time. */
  readonly single: boolean;
  write(buffer: ArrayBufferLike, at: number): void;
}

const HEADER = 32;
const RECORD = 32;
const DIFFERENCE = 32;
/** Exponents to the classes of signal-to-noise below 5, 10, 20, 50, 100 and above. @see Fixsen et al. 2000, PASP 112, 1350 */
const POWERS = [0, 0.4, 1, 3, 6, 10];
/** Least differences of a ramp for a single pass. @see stcal, jump_class.py, min_diffs_single_pass */
const SINGLE_PASS = 10;

/**
 * Weights cᵢ of the reads in the slope Σ cᵢyᵢ of a whole ramp, in the class with exponent P, and the factors of its noise:
 *
 *   wᵢ = |2(tᵢ − t₀)/(tₙ₋₁ − t₀) − 1|ᴾ,  cᵢ = wᵢ(Σw tᵢ − Σwt) / (Σw Σwt² − (Σwt)²)
 *   R = Σ cᵢ²,  P = Σ_{k≥1} (Σ_{i≥k} cᵢ)² (tₖ − tₖ₋₁)
 */
const weightsOf = (times: readonly number[], power: number) => {
  const t = times.map((v) => v - times[0]!);
  const w = t.map((v) => Math.abs((2 * v) / t.at(-1)! - 1) ** power);
  const sum = (of: (i: number) => number): number => w.reduce((total, _, i) => total + of(i), 0);
  const sw = sum((i) => w[i]!);
  const st = sum((i) => w[i]! * t[i]!);
  const stt = sum((i) => w[i]! * t[i]! ** 2);
  const c = t.map((v, i) => (w[i]! * (sw * v - st)) / (sw * stt - st * st));
  let later = 0;
  let photons = 0;
  for (let k = c.length - 1; k > 0; k--) {
    later += c[k]!;
    photons += later ** 2 * (t[k]! - t[k - 1]!);
  }
  return { c, photons, reads: c.reduce((total, v) => total + v * v, 0) };
};

const spreadOf = (times: readonly number[]): number => {
  const mean = times.reduce((a, b) => a + b, 0) / times.length;
  return times.reduce((sum, t) => sum + (t - mean) ** 2, 0);
};

/** @param ramps  times of the reads of each ramp, s, two or more to a ramp */
export const rampPlan = (ramps: readonly (readonly number[])[], method: 'ols' | 'likely'): RampPlan => {
  const reads = ramps.reduce((sum, times) => sum + times.length, 0);
  const differences = reads - ramps.length;
  const single = method === 'likely' || ramps.every((times) => times.length > SINGLE_PASS);
  const networks = new Map<string, { words: Uint32Array; at: number }>();
  let end = HEADER;
  const place = (bytes: number): number => {
    const at = end;
    end += roundUp(bytes, 16);
    return at;
  };
  const network = (name: string, make: () => Uint32Array): number => {
    const known = networks.get(name);
    if (known) return known.at;
    const words = make();
    const at = place(words.byteLength);
    networks.set(name, { words, at });
    return at;
  };
  const records = place(ramps.length * RECORD);
  const noise = differenceNoise(ramps.flatMap((times) => times.slice(1).map((t, i) => t - times[i]!)));
  const timesAt = place(reads * 8);
  const differencesAt = place(differences * DIFFERENCE);
  const whole = network(single ? `${differences}` : `clipped ${differences}`, () =>
    single ? medianNetwork(differences) : clippedMedianNetwork(differences),
  );
  const tables = new Map<string, { at: number; values: number[] }>();
  const laid = ramps.map((times) => {
    const name = times.map((t) => t - times[0]!).join();
    let table = tables.get(name);
    if (!table) {
      const classes = POWERS.map((power) => weightsOf(times, power));
      const pad = [0, 0];
      const values = [
        ...classes.map((k) => k.reads),
        ...pad,
        ...classes.map((k) => k.photons),
        ...pad,
        ...classes.flatMap((k) => k.c),
      ];
      table = { values, at: place(values.length * 4) };
      tables.set(name, table);
    }
    return { table, network: network(`${times.length - 1}`, () => medianNetwork(times.length - 1)) };
  });
  const write = (buffer: ArrayBufferLike, at: number): void => {
    const u32 = new Uint32Array(buffer, at, end >> 2);
    const f32 = new Float32Array(buffer, at, end >> 2);
    u32.set([reads, ramps.length, differences, at + whole, at + records, at + timesAt, at + differencesAt]);
    for (const { words, at: place } of networks.values()) u32.set(words, place >> 2);
    for (const { values, at: place } of tables.values()) f32.set(values, place >> 2);
    new Float64Array(buffer, at + timesAt, reads).set(ramps.flat());
    let read = 0;
    let difference = 0;
    for (const [k, times] of ramps.entries()) {
      const record = (records + k * RECORD) >> 2;
      u32.set([read, times.length, difference, at + laid[k]!.network, at + laid[k]!.table.at], record);
      f32[record + 5] = spreadOf(times);
      f32[record + 6] = times.at(-1)! - times[0]!;
      for (let i = 1; i < times.length; i++, difference++) {
        const dt = times[i]! - times[i - 1]!;
        const entry = (differencesAt + difference * DIFFERENCE) >> 2;
        u32[entry] = read + i - 1;
        const { photons, reads: noises } = noise[difference]!;
        f32.set([dt, 1 / dt, i > 1 ? 1 : 0, photons, noises], entry + 1);
      }
      read += times.length;
    }
  };
  return { bytes: end, differences, single, write };
};
