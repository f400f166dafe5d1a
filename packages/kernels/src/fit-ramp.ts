import type { Core } from './core.ts';
import type { FitPlanes } from './jobs/ramp.ts';
import { paintsOf } from './ramp-events.ts';
import { replay } from './ramp-replay.ts';
import { checkFitRamp, type FitRampResult, type FitRampSpec, type RampFit } from './ramp-spec.ts';

const planesOf = (fit: RampFit, from: number, ramps: number): FitPlanes => ({
  from,
  ramps,
  slope: fit.slope.ptr,
  varPoisson: fit.varPoisson.ptr,
  varRnoise: fit.varRnoise.ptr,
  dq: fit.dq.ptr,
  readsUsed: fit.readsUsed?.ptr ?? 0,
  pedestal: fit.pedestal?.ptr ?? 0,
});

/**
 * Slope of an exposure from its ramps, replayed from their files tile by tile:
 *
 *   group flags, lost pixels → saturation and its growth → − bias − offsets of columns and rows → F(x) → − dark → jumps → fit
 *
 * Memory: the frames of the result, and to each thread 5 bytes to each sample of a few rows of all reads. Equations and
 * sources: src/twins (saturation, jump, ols, likely). With `jump.large` the reads are replayed once more before, to find
 * what is larger than a pixel; that takes 8 bytes to each run of flagged pixels.
 *
 * Flags: SATURATED, JUMP_DET, AD_FLOOR, DROPOUT and PERSISTENCE where a read of the pixel has them; NO_SAT_CHECK,
 * NO_LIN_CORR; NO_GAIN_VALUE | DO_NOT_USE where gain or read noise is none; DO_NOT_USE where nothing could be fitted:
 * there the slope and its variances are NaN.
 *
 * @throws KernelsError BadSpec; ReadFailed with path and offset when a read is missing or cut short
 */
export const fitRamp = async (core: Core, spec: FitRampSpec): Promise<FitRampResult> => {
  checkFitRamp(spec);
  const { pool } = core;
  const { shape, ramps } = spec;
  const differences = ramps.reduce((sum, { reads }) => sum + reads.length - 1, 0);
  const method = spec.method === 'likely' && differences >= 3 ? 'likely' : 'ols';
  const enough = spec.jump !== undefined && ramps.every(({ reads }) => reads.length > 2);
  const found = enough ? await paintsOf(core, spec) : undefined;
  using held = new DisposableStack();
  const planes = (): RampFit => ({
    slope: held.use(pool.float32(shape)),
    varPoisson: held.use(pool.float32(shape)),
    varRnoise: held.use(pool.float32(shape)),
    dq: held.use(pool.uint32(shape)),
    ...(spec.readsUsed ? { readsUsed: held.use(pool.uint32(shape)) } : {}),
    ...(spec.pedestal ? { pedestal: held.use(pool.float32(shape)) } : {}),
  });
  const whole = planes();
  const each = spec.perRamp ? ramps.map(planes) : [];
  const counts = await replay(core, spec, {
    method,
    search: enough && method === 'ols',
    paints: found?.paints ?? [],
    // The fit of all comes first: `likely` looks for jumps in it, and the ramps one by one keep to what it found.
    fits: [planesOf(whole, 0, ramps.length), ...each.map((one, k) => planesOf(one, k, 1))],
  });
  held.move();
  return { ...whole, method, ramps: each, ...counts, ...(found ? { events: found.events } : {}) };
};
