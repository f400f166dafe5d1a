/** Flags that came with the reads. */
import { openFile } from '@iris-drs/fits/node';
import type { Engine, FlagPlane } from '@iris-drs/kernels';
import { applyFlagDefinitions } from '../dqdef.ts';
import type { RampModel } from './model.ts';

/** Flags of each pixel in all reads, in our DQ table (DQ_DEF and the 0.17 table translated); undefined without any. */
export async function readPixelFlags(engine: Engine, ramp: RampModel): Promise<FlagPlane | undefined> {
  if (ramp.pixelDq === undefined) return undefined;
  const plane = await engine.readFlags(ramp.pixelDq);
  try {
    using fits = await openFile(ramp.pixelDq.path);
    await applyFlagDefinitions(engine, fits, plane);
    return plane;
  } catch (error) {
    plane.release();
    throw error;
  }
}
