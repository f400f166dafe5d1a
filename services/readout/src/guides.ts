import { DQ } from '@iris-drs/datamodels';
import type { RampFit, Rectangle, SampleResult } from '@iris-drs/kernels';
import type { ReadoutPlan } from './plan.ts';

const GUIDED = DQ.NON_SCIENCE | DQ.DO_NOT_USE;

/** Takes guided pixels out of a weighted sum of reads; its weights are in the order of all reads. */
export const loseGuidesOfSum = (
  plan: Pick<ReadoutPlan, 'guides' | 'ramp'>,
  weights: readonly number[],
  frame: SampleResult,
): void => {
  const starts = plan.ramp.reads.map((_, r) => plan.ramp.reads.slice(0, r).flat().length);
  loseGuides(plan, frame, (ramp, read) => weights[starts[ramp]! + read] !== 0, false);
};

/**
 * Takes the pixels that guided out of a frame: NaN, NON_SCIENCE | DO_NOT_USE. A weighted sum cannot leave out a read of
 * one pixel, so one guided read costs it the pixel; of a fit only pixels without a slope are lost, whose good reads were
 * too few.
 *
 * @param used  whether each read entered, ramp by ramp
 */
export const loseGuides = (
  { guides = [] }: Pick<ReadoutPlan, 'guides'>,
  { slope, varPoisson, varRnoise, dq }: SampleResult | RampFit,
  used: (ramp: number, read: number) => boolean,
  fit: boolean,
): void => {
  const windows = new Map<string, Rectangle>();
  for (const [ramp, reads] of guides.entries())
    for (const [read, list] of reads.entries())
      if (used(ramp, read)) for (const one of list) windows.set(Object.values(one).join(), one);
  const [, nx] = dq.shape;
  for (const window of windows.values()) {
    for (let y = window.y0; y < window.y0 + window.ny; y++) {
      for (let i = y * nx + window.x0; i < y * nx + window.x0 + window.nx; i++) {
        if (fit && !Number.isNaN(slope.data[i])) continue;
        for (const plane of [slope, varPoisson, varRnoise]) plane.data[i] = Number.NaN;
        dq.data[i]! |= GUIDED;
      }
    }
  }
};
