import { DQ } from '@iris-drs/datamodels';
import type { Engine, FlagPlane, FloatPlane, RawImage, Shape2 } from '@iris-drs/kernels';

/** As of a dark current that is not known. */
const UNKNOWN = DQ.UNRELIABLE_DARK | DQ.DO_NOT_USE;

/** What a ramp dark gives under weights, one to each of its reads; NaN where a read that counts has no value. */
export const darkSum = async (
  engine: Engine,
  reads: readonly RawImage[],
  weights: readonly number[],
  shape: Shape2,
): Promise<FloatPlane> => {
  const { slope, ...rest } = await engine.sample({
    ...{ reads, weights, shape },
    ...{ poissonFactor: 0, readNoiseFactor: 0 },
  });
  for (const plane of Object.values(rest)) plane.release();
  return slope;
};

/** Flags the pixels of which a ramp dark's sum is no number, and makes it 0 there: nothing is subtracted. */
export const flagUnknownDark = ({ data }: FloatPlane, frames: readonly FlagPlane[]): void => {
  for (let i = 0; i < data.length; i++) {
    if (!Number.isNaN(data[i]!)) continue;
    data[i] = 0;
    for (const dq of frames) dq.data[i]! |= UNKNOWN;
  }
};
