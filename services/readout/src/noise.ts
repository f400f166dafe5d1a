import { DQ, type GainReference, openGain, openReadnoise } from '@iris-drs/datamodels';
import type { FloatPlane } from '@iris-drs/kernels';
import { flagWhereUnknown, type OpenReference, type StepContext } from '@iris-drs/stpipe';
import type { ReadoutPlan } from './plan.ts';
import type { DetectorSettings } from './telemetry.ts';

const openGainMap: OpenReference<GainReference> = async (engine, path, frame) => {
  const gain = await openGain(engine, path, frame);
  return flagWhereUnknown(engine, gain, gain.gain, DQ.NO_GAIN_VALUE | DQ.DO_NOT_USE, 0);
};

/** e-/DN of each pixel: the reference, else what header or telemetry say; undefined when unknown. */
export const gainOf = async (
  plan: ReadoutPlan,
  settings: DetectorSettings,
  { reference, log }: StepContext,
): Promise<FloatPlane | number | undefined> => {
  const found: (GainReference & { readonly dq?: ReadoutPlan['flags'][number] }) | undefined = await reference(
    'gain',
    openGainMap,
  );
  if (found?.dq) plan.flags.push(found.dq);
  const gain = found?.gain ?? settings.gain;
  if (gain === undefined)
    log.warn('no GAIN reference, and no GAIN in header or telemetry: VAR_POISSON is NaN, unknown');
  return gain;
};

/** e-/DN, and DN of a single read; undefined when unknown. */
export interface Noise {
  readonly gain: FloatPlane | number | undefined;
  readonly readNoise: FloatPlane | number | undefined;
}

interface ReadNoise {
  /** DN, of a single read. */
  readonly value: FloatPlane | number;
  /** Made for this frame. */
  readonly owned?: FloatPlane;
}

/** electrons / (electrons per DN), pixel by pixel. */
const quotient = (
  electrons: FloatPlane | number,
  gain: FloatPlane | number,
  { engine }: StepContext,
): ReadNoise => {
  if (typeof electrons === 'number' && typeof gain === 'number') return { value: electrons / gain };
  const shape = typeof gain === 'number' ? (electrons as FloatPlane).shape : gain.shape;
  const owned = engine.float32(shape, typeof electrons === 'number' ? electrons : Number.NaN);
  const { data } = owned;
  if (typeof electrons !== 'number') data.set(electrons.data);
  if (typeof gain === 'number') for (let i = 0; i < data.length; i++) data[i] = data[i]! / gain;
  else for (let i = 0; i < data.length; i++) data[i] = data[i]! / gain.data[i]!;
  return { value: owned, owned };
};

/** Noise of one read: the reference, else electrons of header or telemetry over the gain; undefined when unknown. */
export const readNoiseOf = async (
  settings: DetectorSettings,
  gain: FloatPlane | number | undefined,
  context: StepContext,
): Promise<ReadNoise | undefined> => {
  const found = await context.reference('readnoise', openReadnoise);
  if (found?.unit === 'DN') return { value: found.readNoise };
  const electrons = found?.readNoise ?? settings.readNoise;
  if (electrons === undefined) {
    context.log.warn(
      'no READNOISE reference, and no READNOIS in header or telemetry: VAR_RNOISE is NaN, unknown',
    );
    return undefined;
  }
  if (gain === undefined) {
    context.log.warn('the read noise is in electrons and no gain is known: VAR_RNOISE is NaN, unknown');
    return undefined;
  }
  return quotient(electrons, gain, context);
};
