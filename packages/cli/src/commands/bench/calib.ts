import { DQ } from '@iris-drs/datamodels';
import { type Engine, type FlagPlane, type FloatPlane, openEngine, type Shape2 } from '@iris-drs/kernels';
import { CliError } from '../../errors.ts';
import { type Case, compare, timed } from './compare.ts';
import type { Suite } from './line.ts';
import { asking, pythonReference, type Reference } from './reference.ts';

/** Pseudo-random numbers in [0, 1), the same as in calib_numpy.py. */
const uniform = (index: number, plane: number): number => {
  let bits = (Math.imul(index, 2654435761) + Math.imul(plane, 1013904223)) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 15), 2246822519) >>> 0;
  return Math.fround(bits / 2 ** 32);
};

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

/** As the calib stage does it: the dark step, then the flat step with its new VAR_FLAT plane. */
const darkThenFlat = async (engine: Engine, { dark, flat, ...frame }: Frames): Promise<FloatPlane> => {
  await engine.calibrate({ ...frame, dark });
  const varFlat = engine.float32(frame.sci.shape);
  await engine.calibrate({ ...frame, flat, varFlat });
  return varFlat;
};

const fused = async (engine: Engine, frames: Frames): Promise<FloatPlane> => {
  const varFlat = engine.float32(frames.sci.shape);
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
    using varFlat = await way(engine, frames);
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
 * makes the same planes.
 */
export const calib: Suite = async ({ size, runs, directory, say }) => {
  const engine = await openEngine();
  const numpy = await pythonReference('numpy', 'calib_numpy.py', directory, say);
  try {
    if (numpy) await requireAgreement(engine, numpy);
    const frames = makeFrames(engine, [size, size]);
    const one = (name: string, way: typeof fused): Case => ({
      ...timed(`${name}, ${engine.threads} threads`, async () => (await way(engine, frames)).release()),
      samples: size * size,
      peakBytes: () => engine.pool.peakBytes,
      ...(size === 4096 ? { targetRatio: 4 } : {}),
    });
    const cases = [one('dark, then flat', darkThenFlat), one('dark and flat fused', fused)];
    const references = numpy ? [asking(numpy, numpy.name, `run ${size} ${size}`)] : [];
    return await compare('calib', cases, references, runs);
  } finally {
    numpy?.close();
    await engine.close();
  }
};
