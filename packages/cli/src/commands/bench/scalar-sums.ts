import type { Engine, FloatPlane, SampleResult, SampleSpec } from '@iris-drs/kernels';
import { CliError } from '../../errors.ts';
import { type Contender, timed } from './compare.ts';
import { GAIN } from './ramp.ts';
import { type ScalarFrames, scalarFrames, scalarReadout } from './scalar.ts';

/** Rows that the scalar form sums: this part of the frame. */
const PART = 16;

/** Both must give the same numbers, or their times say nothing. */
const requireAgreement = (ours: SampleResult, spec: SampleSpec, twin: ScalarFrames): void => {
  const near = (found: number, expected: number, bound: number) => Math.abs(found - expected) <= bound;
  for (let i = 0; i < twin.slope.length; i++) {
    const [slope, photons, noise] = [twin.slope[i]!, twin.varPoisson[i]!, twin.varRnoise[i]!];
    const bound = 0.02 + 1e-5 * Math.abs(slope);
    const agree =
      near(ours.slope.data[i]!, slope, bound) &&
      near(ours.varPoisson.data[i]!, photons, (bound / GAIN) * spec.poissonFactor) &&
      near(ours.varRnoise.data[i]!, noise, 1e-5 * noise) &&
      ours.dq.data[i] === twin.dq[i];
    if (agree) continue;
    const found = `slope ${ours.slope.data[i]}, variances ${ours.varPoisson.data[i]} and ${ours.varRnoise.data[i]}`;
    throw new CliError(1, `pixel ${i}: ${found}; the scalar twin gives ${slope}, ${photons} and ${noise}`);
  }
};

export const releaseFrames = (frames: object): void => {
  for (const plane of Object.values(frames)) (plane as FloatPlane).release();
};

/** A weighted sum in scalar TypeScript, for a part of the rows, its time scaled to all. */
export const scalarSums = async (engine: Engine, spec: SampleSpec): Promise<Contender> => {
  const [ny, nx] = spec.shape;
  const rows = Math.ceil(ny / PART);
  const frames = scalarFrames(rows * nx);
  scalarReadout(spec, frames);
  const ours = await engine.sample(spec);
  try {
    requireAgreement(ours, spec, frames);
  } finally {
    releaseFrames(ours);
  }
  const { run } = timed('', () => scalarReadout(spec, frames));
  return {
    name: `scalar twin, one thread, ${rows} of ${ny} rows scaled up`,
    async run() {
      const { seconds } = await run();
      return { seconds: (seconds * ny) / rows };
    },
  };
};
