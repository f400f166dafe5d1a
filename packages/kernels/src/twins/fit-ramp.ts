import type { LargeEvents } from '../events/large-events.ts';
import { flagAfterJumps, type JumpLimits, jump } from './jump.ts';
import { largeEvents } from './large-events.ts';
import { likely } from './likely.ts';
import { ols } from './ols.ts';
import { DO_NOT_USE, DROPOUT, JUMP_DET, type PixelFit, type PixelRamp, SATURATED } from './ramp.ts';
import { type Curve, linearised } from './sample.ts';
import { grow, saturate } from './saturation.ts';

/** A frame of raw ramps; pixel `i` of `[ny, nx]`. */
export interface RampFrame {
  readonly shape: readonly [ny: number, nx: number];
  readonly ramps: readonly {
    readonly times: readonly number[];
    /** DN. */
    raw(read: number, i: number): number;
    /** Group flags of the pixel, a mask's DO_NOT_USE among them. */
    flags(read: number, i: number): number;
    offset(read: number, i: number): number;
    dark(read: number, i: number): number;
    /** The pixel holds something else than the ramp. */
    lost(read: number, i: number): boolean;
  }[];
  pixel(i: number): Curve & {
    readonly gain: number;
    readonly readNoise: number;
    readonly bias: number;
    readonly threshold: number;
  };
  readonly floor: number;
  readonly grow: number;
  readonly jump?: JumpLimits | undefined;
  readonly neighbours: boolean;
  readonly after: readonly { readonly threshold: number; readonly seconds: number }[];
  /** Large events are looked for, among jumps of two-point differences. */
  readonly large?: LargeEvents | undefined;
  readonly method: 'ols' | 'likely';
  readonly variance: 'exact' | 'jwst';
  readonly chi2: number;
}

export interface TwinFit extends PixelFit {
  readonly ramps: readonly PixelRamp[];
}

/** All that `Engine.fitRamp` does, pixel by pixel over a whole frame in memory. */
export const fitRamp = (frame: RampFrame): TwinFit[] => {
  const [ny, nx] = frame.shape;
  const indices = Array.from({ length: ny * nx }, (_, i) => i);
  const pixels = indices.map((i) => {
    const { gain, readNoise, bias, threshold, form, coefficients } = frame.pixel(i);
    const ramps = frame.ramps.map((ramp) => {
      const raw = ramp.times.map((_, r) => ramp.raw(r, i));
      const given = ramp.times.map((_, r) => ramp.flags(r, i));
      const lost = raw.map((_, r) => ramp.lost(r, i));
      const found = saturate(raw, given, threshold, frame.floor);
      const flags = found.flags.map((q, r) => (lost[r] ? DROPOUT | DO_NOT_USE : q));
      // Saturation spreads from the first read on that is not lost.
      const first = lost.findIndex((one, r) => !one && r >= found.from);
      const from = first < 0 ? Number.POSITIVE_INFINITY : first;
      const linear = raw.map((v, r) => linearised(v - bias - ramp.offset(r, i), form, coefficients));
      return { times: ramp.times, signal: linear.map((v, r) => v - ramp.dark(r, i)), flags, from };
    });
    return { ramps, gain, readNoise };
  });
  for (const k of frame.ramps.keys()) {
    const grown = grow(
      pixels.map(({ ramps }) => ramps[k]!.from),
      frame.shape,
      frame.grow,
    );
    for (const [i, { ramps }] of pixels.entries())
      for (const r of ramps[k]!.flags.keys()) if (r >= grown[i]!) ramps[k]!.flags[r]! |= SATURATED;
  }
  const margins = indices.map(() => Number.POSITIVE_INFINITY);
  if (frame.jump) {
    const limits = frame.jump;
    const found = pixels.map((pixel) => jump(pixel, limits));
    for (const [i, { shared, margin }] of found.entries()) {
      const x = i % nx;
      const around = [x > 0 ? i - 1 : -1, x < nx - 1 ? i + 1 : -1, i - nx, i + nx].filter((j) => pixels[j]);
      for (const j of [i, ...around]) margins[j] = Math.min(margins[j]!, margin);
      if (!frame.neighbours) continue;
      for (const [ramp, read] of shared)
        for (const j of around) {
          const { flags } = pixels[j]!.ramps[ramp]!;
          if ((flags[read]! & 3) === 0) flags[read]! |= JUMP_DET;
        }
    }
    for (const pixel of pixels)
      for (const { threshold, seconds } of frame.after) flagAfterJumps(pixel, threshold, seconds);
  }
  if (frame.large) {
    const flags = frame.ramps.map(({ times }, k) =>
      times.map((_, r) => pixels.map(({ ramps }) => ramps[k]!.flags[r]!)),
    );
    largeEvents(
      frame.shape,
      frame.ramps.map(({ times }) => times),
      flags,
      frame.large,
    );
    for (const [i, { ramps }] of pixels.entries())
      for (const [k, ramp] of ramps.entries())
        for (const r of ramp.flags.keys()) ramp.flags[r] = flags[k]![r]![i]!;
  }
  return pixels.map((pixel, i) => {
    const fit = frame.method === 'ols' ? ols(pixel, frame.variance) : likely(pixel, frame.chi2);
    return { ...fit, margin: Math.min(fit.margin, margins[i]!), ramps: pixel.ramps };
  });
};
