import { DQ } from '@iris-drs/datamodels';
import { type Engine, type FlagPlane, type FloatPlane, openEngine, type Shape2 } from '@iris-drs/kernels';
import { CliError } from '../../errors.ts';
import { type Case, compare, timed } from './compare.ts';
import type { Suite } from './line.ts';
import { asking, pythonReference, type Reference } from './reference.ts';
import { uniform } from './uniform.ts';

interface Frames {
  readonly sci: FloatPlane;
  readonly dq: FlagPlane;
  readonly varPoisson: FloatPlane;
  readonly varRnoise: FloatPlane;
  readonly dark: { readonly sci: FloatPlane; readonly dq: FlagPlane; readonly variance: FloatPlane };
  readonly flat: { readonly sci: FloatPlane; readonly dq: FlagPlane; readonly variance: FloatPlane };
}

/** A frame, a dark and a flat with all their planes, with a few NaN, zeros and flags in the references. */
const makeFrames = (engine: Engine, shape: Shape2): Frames => {
  const floats = (value: (i: number) => number): FloatPlane => {
    const plane = engine.float32(shape);
    for (let i = 0; i < plane.data.length; i++) plane.data[i] = value(i);
    return plane;
  };
  const flags = (of: number, below: number, flag: number): FlagPlane => {
    const plane = engine.uint32(shape);
    for (let i = 0; i < plane.data.length; i++) plane.data[i] = uniform(i, of) < below ? flag : 0;
    return plane;
  };
  return {
    sci: floats((i) => 10 + uniform(i, 0)),
    dq: flags(0, 0.01, DQ.JUMP_DET),
    varPoisson: floats((i) => 1 + uniform(i, 1)),
    varRnoise: floats((i) => 1 + uniform(i, 2)),
    dark: {
      sci: floats((i) => (uniform(i, 5) < 0.002 ? Number.NaN : uniform(i, 3))),
      dq: flags(3, 0.01, DQ.HOT),
      variance: floats((i) => uniform(i, 4)),
    },
    flat: {
      sci: floats((i) => (uniform(i, 5) > 0.998 ? 0 : 0.5 + uniform(i, 6))),
      dq: flags(7, 0.01, DQ.NO_FLAT_FIELD),
      variance: floats((i) => uniform(i, 7)),
    },
  };
};

/** One way to calibrate. @param newPlane  gives the plane for VAR_FLAT */
type Way = (engine: Engine, frames: Frames, newPlane: () => FloatPlane) => Promise<FloatPlane>;

const darkThenFlat: Way = async (engine, { dark, flat, ...frame }, newPlane) => {
  await engine.calibrate({ ...frame, dark });
  const varFlat = newPlane();
  await engine.calibrate({ ...frame, flat, varFlat });
  return varFlat;
};

const fused: Way = async (engine, frames, newPlane) => {
  const varFlat = newPlane();
  await engine.calibrate({ ...frames, varFlat });
  return varFlat;
};

const release = ({ dark, flat, ...frame }: Frames): void => {
  for (const plane of [...Object.values(frame), ...Object.values(dark), ...Object.values(flat)])
    plane.release();
};

const PROBE: Shape2 = [67, 93];

/** Both ways of ours must give numpy's numbers, or their times say nothing. */
const requireAgreement = async (engine: Engine, numpy: Reference): Promise<void> => {
  const { values = [] } = await numpy.ask(`probe ${PROBE[0]} ${PROBE[1]}`);
  for (const way of [darkThenFlat, fused]) {
    const frames = makeFrames(engine, PROBE);
    using varFlat = await way(engine, frames, () => engine.unset(PROBE));
    const ours = [frames.sci, frames.varPoisson, frames.varRnoise, varFlat, frames.dq];
    for (const [p, plane] of ours.entries()) {
      for (const [k, expected] of values[p]!.entries()) {
        const found = plane.data[k * 97]!;
        if (Math.abs(found - expected) <= 1e-5 * Math.abs(expected)) continue;
        throw new CliError(1, `plane ${p}, pixel ${k * 97}: ${found}, numpy gives ${expected}`);
      }
    }
    release(frames);
  }
};

/**
 * Dark subtraction and flat division of a frame with both variances, VAR_FLAT and flags; beside float32 numpy that
 * makes the same planes. The first case is what the calib stage does, with a new plane for VAR_FLAT each time as
 * numpy has; the others tell what that plane costs, and what one pass instead of two would.
 */
export const calib: Suite = async ({ size, runs, directory, say }) => {
  const shape: Shape2 = [size, size];
  const engine = await openEngine();
  const numpy = await pythonReference('numpy', 'calib_numpy.py', directory, say);
  try {
    if (numpy) await requireAgreement(engine, numpy);
    const frames = makeFrames(engine, shape);
    using kept = engine.float32(shape);
    const one = (name: string, work: () => unknown): Case => ({
      ...timed(`${name}, ${engine.threads} threads`, work),
      samples: size * size,
      peakBytes: () => engine.pool.peakBytes,
      ...(size === 4096 ? { targetRatio: 4 } : {}),
    });
    const fresh = (): FloatPlane => engine.unset(shape);
    const cases = [
      one('dark, then flat', async () => (await darkThenFlat(engine, frames, fresh)).release()),
      one('dark, then flat, VAR_FLAT kept', () => darkThenFlat(engine, frames, () => kept)),
      one('dark and flat fused', async () => (await fused(engine, frames, fresh)).release()),
      one('dark and flat fused, VAR_FLAT kept', () => fused(engine, frames, () => kept)),
    ];
    const references = numpy ? [asking(numpy, numpy.name, `run ${size} ${size}`)] : [];
    return await compare('calib', cases, references, runs);
  } finally {
    numpy?.close();
    await engine.close();
  }
};
