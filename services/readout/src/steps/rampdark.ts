import { openRamp, type RampModel } from '@iris-drs/datamodels';
import { defineStep, type OpenReference } from '@iris-drs/stpipe';
import type { ReadoutPlan } from '../plan.ts';

interface RampDark {
  readonly ramp: RampModel;
  close(): void;
}

const openRampDark: OpenReference<RampDark> = async (_engine, path) => ({
  ramp: await openRamp(path),
  close() {},
});

/** Times of reads may differ by that part of the time between them. */
const TOLERANCE = 0.01;

/** Why the reads of a dark cannot be subtracted from those of the ramp, or undefined when they can. */
const mismatch = ({ ramp, shape }: ReadoutPlan, dark: RampModel): string | undefined => {
  const [, reads, ny, nx] = dark.shape;
  if (ny !== shape[0] || nx !== shape[1]) return `it has [${ny}, ${nx}] pixels, the reads [${shape}]`;
  const times = dark.times[0] ?? [];
  for (const own of ramp.times) {
    if (own.length > reads) return `it has ${reads} reads, the ramp ${own.length}`;
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
 * A dark that does not fit the ramp, by its shape, its times or too few reads, is not used and the step SKIPPED.
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
    const why = mismatch(plan, dark.ramp);
    if (why !== undefined) {
      log.warn(`the RAMPDARK reference is not used: ${why}`);
      return skip(`the RAMPDARK does not fit: ${why}`);
    }
    plan.dark = dark.ramp.reads[0] ?? [];
    plan.header.set('S_DARK', 'COMPLETE', 'dark subtracted read by read');
  },
});
