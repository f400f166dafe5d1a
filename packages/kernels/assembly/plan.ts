/**
 * The plan of a ramp fit in the shared memory, written by src/ramp-plan.ts: a header of 32-bit words, then a record of
 * 32 bytes to each ramp and one of 32 bytes to each difference of neighbouring reads of one ramp.
 */

// @ts-ignore: decorator
@inline
export function readsOf(plan: usize): i32 { return load<i32>(plan); }

// @ts-ignore: decorator
@inline
export function rampsOf(plan: usize): i32 { return load<i32>(plan, 4); }

// @ts-ignore: decorator
@inline
export function differencesOf(plan: usize): i32 { return load<i32>(plan, 8); }

/** Median of all differences as a jump search takes it. */
// @ts-ignore: decorator
@inline
export function networkOf(plan: usize): usize { return <usize>load<u32>(plan, 12); }

/** Record of ramp `k`. */
// @ts-ignore: decorator
@inline
export function ramp(plan: usize, k: i32): usize { return <usize>load<u32>(plan, 16) + ((<usize>k) << 5); }

// @ts-ignore: decorator
@inline
export function firstRead(record: usize): i32 { return load<i32>(record); }

// @ts-ignore: decorator
@inline
export function readCount(record: usize): i32 { return load<i32>(record, 4); }

// @ts-ignore: decorator
@inline
export function firstDifference(record: usize): i32 { return load<i32>(record, 8); }

/** Plain median of the ramp's differences. */
// @ts-ignore: decorator
@inline
export function rampNetwork(record: usize): usize { return <usize>load<u32>(record, 12); }

/** Weights of unbroken ramps, see assembly/ols.ts. */
// @ts-ignore: decorator
@inline
export function rampWeights(record: usize): usize { return <usize>load<u32>(record, 16); }

/** Σ (t − t̄)² over the ramp's reads, s². */
// @ts-ignore: decorator
@inline
export function rampSpread(record: usize): f32 { return load<f32>(record, 20); }

/** Time of the last read less that of the first, s. */
// @ts-ignore: decorator
@inline
export function rampSpan(record: usize): f32 { return load<f32>(record, 24); }

/** Time of read `r`, s. */
// @ts-ignore: decorator
@inline
export function time(plan: usize, r: i32): f64 { return load<f64>(<usize>load<u32>(plan, 20) + ((<usize>r) << 3)); }

/** Record of difference `i`. */
// @ts-ignore: decorator
@inline
export function difference(plan: usize, i: i32): usize { return <usize>load<u32>(plan, 24) + ((<usize>i) << 5); }

/** The earlier of its reads. */
// @ts-ignore: decorator
@inline
export function earlier(record: usize): i32 { return load<i32>(record); }

/** Time between its reads, s. */
// @ts-ignore: decorator
@inline
export function interval(record: usize): f32 { return load<f32>(record, 4); }

// @ts-ignore: decorator
@inline
export function perInterval(record: usize): f32 { return load<f32>(record, 8); }

/** 1 where the difference before shares a read with this one, else 0. */
// @ts-ignore: decorator
@inline
export function linked(record: usize): f32 { return load<f32>(record, 12); }

/** Its variance about the median, per |m|/gain, 1/s; src/median-noise.ts. */
// @ts-ignore: decorator
@inline
export function photonNoise(record: usize): f32 { return load<f32>(record, 16); }

/** … and per 2 readNoise², 1/s². */
// @ts-ignore: decorator
@inline
export function readsNoise(record: usize): f32 { return load<f32>(record, 20); }
