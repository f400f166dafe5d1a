import type { Engine, FlagPlane, FloatPlane } from '@iris-drs/kernels';
import type { Closable } from './step.ts';

interface Flagged extends Closable {
  readonly dq?: FlagPlane;
}

/**
 * Flags the pixels that a reference says nothing about, where its value is not a number above `lowest`. Its own flags
 * stay; a plane is added only where there is something to flag, and goes with the reference.
 */
export const flagWhereUnknown = <R extends Flagged>(
  engine: Engine,
  reference: R,
  value: FloatPlane,
  flags: number,
  lowest = Number.NEGATIVE_INFINITY,
): R & Flagged => {
  const { data } = value;
  let added: FlagPlane | undefined;
  let dq = reference.dq;
  try {
    for (let i = 0; i < data.length; i++) {
      if (data[i]! > lowest) continue;
      if (!dq) {
        added = engine.uint32(value.shape);
        dq = added;
      }
      dq.data[i] = dq.data[i]! | flags;
    }
  } catch (error) {
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
