import {
  DataModelError,
  openRamp,
  type RampModel,
  readPixelFlags,
  referenceWindow,
  type TimeSource,
} from '@iris-drs/datamodels';
import type { FlagPlane, RawImage } from '@iris-drs/kernels';
import { defineStep, type OpenReference } from '@iris-drs/stpipe';
import type { ReadoutPlan } from '../plan.ts';

interface RampDark {
  /** Of the frame's part of the detector. */
  readonly reads: readonly RawImage[];
  readonly times: readonly number[];
  readonly timeSource: TimeSource;
  /** What it says of its pixels. */
  readonly dq?: FlagPlane;
  /** Why it cannot be cut to the frame. */
  readonly misfit?: string;
  close(): void;
}

const openRampDark: OpenReference<RampDark> = async (engine, path, frame) => {
  const ramp = await openRamp(path);
  const { reads, times, timeSource, shape, header, sciHeader, pixelDq } = ramp;
  const dark = { reads: reads[0] ?? [], times: times[0] ?? [], timeSource, close() {} };
  const geometry = { headers: [sciHeader, header], shape: [shape[2], shape[3]] } as const;
  let cut: (image: RawImage) => RawImage;
  try {
    const window = referenceWindow(geometry, frame, { file: path, hdu: 'SCI' });
    cut = (image) => (window ? { ...image, window } : image);
  } catch (error) {
    if (!(error instanceof DataModelError)) throw error;
    return { ...dark, misfit: `it has [${geometry.shape}] pixels, the reads [${frame.shape}]` };
  }
  const fitting = { ...dark, reads: dark.reads.map(cut) };
  const dq = pixelDq && (await readPixelFlags(engine, { ...ramp, pixelDq: cut(pixelDq) }));
  return dq ? { ...fitting, dq, close: () => dq.release() } : fitting;
};

/** Times of reads may differ by that part of the time between them. */
const TOLERANCE = 0.01;

/** Whether times count from the reset: what stands in TIMES does, and READTIME where RST_TIME is known too. */
const fromReset = ({ timeSource }: { readonly timeSource: TimeSource }, times: readonly number[]): boolean =>
  timeSource === 'TIMES' || (timeSource === 'READTIME' && times[0] !== 0);

/**
 * Why the first read of a ramp is not that of the dark: reads behind a lost one would be given the dark of those before.
 * Where nobody says when the dark's reads were, its first one is taken to lie no later than one and a half times their
 * spacing after the reset.
 */
const firstReadLost = (ramp: RampModel, own: readonly number[], dark: RampDark): string | undefined => {
  const [first, second] = dark.times;
  const start = own[0];
  if (first === undefined || second === undefined || start === undefined || !fromReset(ramp, own))
    return undefined;
  const spacing = second - first;
  const known = fromReset(dark, dark.times);
  if (known ? Math.abs(start - first) <= spacing / 2 : start <= 1.5 * spacing) return undefined;
  const theirs = known
    ? `${first.toFixed(2)} s after the reset`
    : `taken to lie a read time (${spacing.toFixed(2)} s) after the reset`;
  return `its first read is ${theirs}, that of the ramp ${start.toFixed(2)} s`;
};

/** Why the reads of a dark cannot be subtracted from those of the ramp, or undefined when they can. */
const mismatch = (ramp: RampModel, dark: RampDark): string | undefined => {
  const { reads, times, misfit } = dark;
  if (misfit !== undefined) return misfit;
  for (const own of ramp.times) {
    if (own.length > reads.length) return `it has ${reads.length} reads, the ramp ${own.length}`;
    const spacing = ((own.at(-1) ?? 0) - (own[0] ?? 0)) / Math.max(1, own.length - 1);
    const apart = own.findIndex(
      (t, i) => Math.abs(t - own[0]! - (times[i]! - times[0]!)) > TOLERANCE * spacing,
    );
    const late = firstReadLost(ramp, own, dark);
    if (late !== undefined) return late;
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
    if (dark.dq) plan.flags.push(dark.dq);
    plan.header.set('S_DARK', 'COMPLETE', 'dark subtracted read by read');
  },
});
