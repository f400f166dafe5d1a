import type { Engine, FitRampSpec, FloatPlane, Shape2 } from '@iris-drs/kernels';
import { fitRamp, type RampFrame, type TwinFit } from '@iris-drs/kernels/twins';
import { CliError } from '../../errors.ts';
import { type Contender, timed } from './compare.ts';
import { corner, type Exposure, GAIN, READ_NOISE, SATURATION } from './ramp.ts';

/** Pixels that the twin fits, a corner of the frame; that of `likely` inverts a matrix to each read of each pixel. */
const sideOf = ({ method }: FitRampSpec, reads: number): number =>
  method === 'ols' ? 32 : reads > 20 ? 3 : 8;
/** σ: defaults of `FitRampSpec`. */
const LIMITS = { rejection: 4, fourReads: 5, threeReads: 6, min: 10, max: 1000 };
const CHI2 = 4.5 ** 2;

const frameOf = (from: Exposure, spec: FitRampSpec, shape: Shape2): RampFrame => {
  const raw = corner(from, shape);
  const nx = from.shape[1];
  const at = (i: number): number => Math.floor(i / shape[1]) * nx + (i % shape[1]);
  const { method, nonlinearity, bias, jump, saturation } = spec;
  return {
    shape,
    ramps: [
      {
        times: from.times,
        raw: (r, i) => raw[r]![i]!,
        ...{ flags: () => 0, offset: () => 0, dark: () => 0, lost: () => false },
      },
    ],
    pixel: (i) => ({
      form: 'relative',
      coefficients: nonlinearity?.coefficients.map(({ data }) => data[at(i)]!) ?? [],
      bias: bias?.data[at(i)] ?? 0,
      threshold: saturation ? SATURATION : Number.NaN,
      ...{ gain: GAIN, readNoise: READ_NOISE },
    }),
    ...{ floor: saturation?.floor ?? Number.NEGATIVE_INFINITY, grow: 1 },
    jump: jump && method === 'ols' ? LIMITS : undefined,
    ...{ neighbours: true, after: [], method, variance: 'exact' },
    chi2: jump && method === 'likely' ? CHI2 : 0,
  };
};

/** Near enough for times to be compared; the tests of the kernels hold both to bounds on roundings. */
const requireAgreement = (slope: FloatPlane, fits: readonly TwinFit[], shape: Shape2): void => {
  for (const [i, fit] of fits.entries()) {
    const found = slope.data[Math.floor(i / shape[1]) * slope.shape[1] + (i % shape[1])]!;
    const bound = 0.01 + 1e-4 * Math.abs(fit.slope);
    // A decision that near its limit falls either way; pixels at the border see neighbours that the twin does not.
    const near = fit.margin < 0.01 || i % shape[1] === shape[1] - 1 || i >= (shape[0] - 1) * shape[1];
    if (near || Object.is(found, Math.fround(fit.slope)) || Math.abs(found - fit.slope) <= bound) continue;
    throw new CliError(1, `pixel ${i}: slope ${found}; the scalar twin gives ${fit.slope}`);
  }
};

/** The plain double-precision form of a fit, for a corner of the frame, its time scaled to all pixels. */
export const scalarFit = async (engine: Engine, from: Exposure, spec: FitRampSpec): Promise<Contender> => {
  const [ny, nx] = from.shape;
  const side = sideOf(spec, from.reads.length);
  const shape: Shape2 = [Math.min(side, ny), Math.min(side, nx)];
  const pixels = shape[0] * shape[1];
  const frame = frameOf(from, spec, shape);
  const result = await engine.fitRamp(spec);
  requireAgreement(result.slope, fitRamp(frame), shape);
  for (const plane of [result.slope, result.varPoisson, result.varRnoise, result.dq]) plane.release();
  const { run } = timed('', () => fitRamp(frame));
  return {
    name: `scalar twin, one thread, ${pixels} pixels scaled up`,
    async run() {
      const { seconds } = await run();
      return { seconds: (seconds * ny * nx) / pixels };
    },
  };
};
