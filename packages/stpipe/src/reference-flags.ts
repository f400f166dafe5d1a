import type { Engine, FlagPlane, FloatPlane } from '@iris-drs/kernels';
import type { Closable } from './step.ts';

interface Flagged extends Closable {
  readonly dq?: FlagPlane;
}

/**
 * Flags the pixels that a reference says nothing about, where its value is not a number above `lowest`. Its own flags
 * stay; a plane is added only where there is something to flag, and goes with the reference.
 */
export const flagWhereUnknown = async <R extends Flagged>(
  engine: Engine,
  reference: R,
  value: FloatPlane,
  flags: number,
  lowest = Number.NEGATIVE_INFINITY,
): Promise<R & Flagged> => {
  const known = async (): Promise<boolean> => {
    await engine.settled();
    for (const one of value.data) if (!(one > lowest)) return false;
    return true;
  };
  let added: FlagPlane | undefined;
  try {
    if (!reference.dq && (await known())) return reference;
    added = reference.dq ? undefined : engine.uint32(value.shape);
    await engine.flagNotAbove({ plane: value, dq: reference.dq ?? added!, lowest, flags });
  } catch (error) {
    added?.release();
    reference.close();
    throw error;
  }
  if (!added) return reference;
  const plane = added;
  return {
    ...reference,
    dq: plane,
    close() {
      plane.release();
      reference.close();
    },
  };
};
