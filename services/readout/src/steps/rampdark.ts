import { DataModelError, openRamp, type RampModel, referenceWindow } from '@iris-drs/datamodels';
import type { RawImage } from '@iris-drs/kernels';
import { defineStep, type OpenReference } from '@iris-drs/stpipe';
import type { ReadoutPlan } from '../plan.ts';

interface RampDark {
  /** Of the frame's part of the detector. */
  readonly reads: readonly RawImage[];
  readonly times: readonly number[];
  /** Why it cannot be cut to the frame. */
  readonly misfit?: string;
  close(): void;
}

const openRampDark: OpenReference<RampDark> = async (_engine, path, frame) => {
  const { reads, times, shape, header, sciHeader } = await openRamp(path);
  const dark = { reads: reads[0] ?? [], times: times[0] ?? [], close() {} };
  const geometry = { headers: [sciHeader, header], shape: [shape[2], shape[3]] } as const;
  try {
    const window = referenceWindow(geometry, frame, { file: path, hdu: 'SCI' });
    return window ? { ...dark, reads: dark.reads.map((read) => ({ ...read, window })) } : dark;
  } catch (error) {
    if (!(error instanceof DataModelError)) throw error;
    return { ...dark, misfit: `it has [${geometry.shape}] pixels, the reads [${frame.shape}]` };
  }
};

/** Times of reads may differ by that part of the time between them. */
const TOLERANCE = 0.01;

/** Why the reads of a dark cannot be subtracted from those of the ramp, or undefined when they can. */
const mismatch = (ramp: RampModel, { reads, times, misfit }: RampDark): string | undefined => {
  if (misfit !== undefined) return misfit;
  for (const own of ramp.times) {
    if (own.length > reads.length) return `it has ${reads.length} reads, the ramp ${own.length}`;
    const spacing = ((own.at(-1) ?? 0) - (own[0] ?? 0)) / Math.max(1, own.length - 1);
    const apart = own.findIndex(
      (t, i) => Math.abs(t - own[0]! - (times[i]! - times[0]!)) > TOLERANCE * spacing,
    );
    if (apart >= 0) return `its reads lie at other times than those of the ramp, from read ${apart} on`;
  }
  return undefined;
};

/**
 * Dark signal of each read, `[reads, ny, nx]` in linear DN, subtracted read by read behind the non-linearity: it takes
 * charge that a constant dark current does not, such as what settles after a reset. The frame's dark is then done
 * (S_DARK = COMPLETE) and the calib stage leaves it alone.
 *
 * Of a dark of the whole detector a subarray takes its part. One that does not fit the ramp, by its shape, its times or too few reads, is not used and the step SKIPPED.
 *
 * stcal `dark_current`.
 */
export const rampdark = defineStep<ReadoutPlan, Record<never, never>>({
  name: 'rampdark',
  doc: 'Subtract the RAMPDARK reference read by read',
  spec: {},
  referenceTypes: ['rampdark'],
  async process(plan, _options, { reference, skip, log }) {
    const dark = await reference('rampdark', openRampDark);
    if (!dark) return;
    const why = mismatch(plan.ramp, dark);
    if (why !== undefined) {
      log.warn(`the RAMPDARK reference is not used: ${why}`);
      return skip(`the RAMPDARK does not fit: ${why}`);
    }
    plan.dark = dark.reads;
    plan.header.set('S_DARK', 'COMPLETE', 'dark subtracted read by read');
  },
});
