import { openRamp } from '@iris-drs/datamodels';
import type { FloatPlane } from '@iris-drs/kernels';
import { type Cards, image, type openWorkbench, primary } from '../../../test/fixtures/workbench.ts';
import { planOf, type ReadoutPlan, readoutPipeline } from '../src/index.ts';
import { closePlan } from '../src/plan.ts';

export const shape = [3, 5] as const;
export const PIXELS = 15;

export interface RampInit {
  readonly times?: readonly (readonly number[])[];
  /** DN of pixel i in a read of a ramp at its time. */
  readonly value?: (i: number, seconds: number, ramp: number) => number;
  readonly cards?: Cards;
  /** GROUPDQ, `[ramps, reads, ny, nx]`. */
  readonly groupDq?: (i: number, read: number, ramp: number) => number;
  readonly pixelDq?: (i: number) => number;
  readonly size?: readonly [ny: number, nx: number];
}

/** Rates of 2 + i DN/s over 1000 DN, five reads 10 s apart, in one ramp. */
export const TIMES = [0, 10, 20, 30, 40];
export const rate = (i: number): number => 2 + i;

/** Writes a ramp file: SCI float32, TIMES, and flags. */
export const writeRamp = (
  bench: ReturnType<typeof openWorkbench>,
  name: string,
  { times = [TIMES], value = (i, t) => 1000 + rate(i) * t, cards = {}, ...flags }: RampInit = {},
): string => {
  const [ny, nx] = flags.size ?? shape;
  const reads = times[0]!.length;
  const cube = [times.length, reads, ny, nx];
  const place = (k: number) => {
    const plane = Math.floor(k / (ny * nx));
    return { i: k % (ny * nx), read: plane % reads, ramp: Math.floor(plane / reads) };
  };
  const { groupDq, pixelDq } = flags;
  return bench.write(
    name,
    primary({ DETECTOR: 'IMG1', ...cards }),
    image(
      'SCI',
      cube,
      (k) => {
        const { i, read, ramp } = place(k);
        return value(i, times[ramp]![read]!, ramp);
      },
      { BUNIT: 'DN' },
    ),
    image('TIMES', [times.length, reads], Float64Array.from(times.flat())),
    ...(pixelDq
      ? [
          image(
            'PIXELDQ',
            [ny, nx],
            Uint32Array.from({ length: ny * nx }, (_, i) => pixelDq(i)),
          ),
        ]
      : []),
    ...(groupDq
      ? [
          image(
            'GROUPDQ',
            cube,
            Uint8Array.from({ length: times.length * reads * ny * nx }, (_, k) => {
              const { i, read, ramp } = place(k);
              return groupDq(i, read, ramp);
            }),
          ),
        ]
      : []),
  );
};

/** A ramp's frame as plain numbers, its planes back in the pool. */
export interface Result {
  readonly plan: ReadoutPlan;
  readonly sci: readonly number[];
  readonly dq: readonly number[];
  readonly varPoisson: readonly number[];
  readonly varRnoise: readonly number[];
  /** Slopes of the single ramps, where asked for. */
  readonly ramps: readonly (readonly number[])[];
  /** By step. */
  readonly states: Readonly<Record<string, string>>;
}

/** Runs the whole readout pipeline on a ramp file. */
export const readOut = async (
  bench: ReturnType<typeof openWorkbench>,
  path: string | readonly string[],
  options: Readonly<Record<string, string>> = {},
): Promise<Result> => {
  const plan = planOf(await openRamp(path));
  using held = new DisposableStack();
  held.defer(() => closePlan(plan));
  const outcomes = await bench.run(readoutPipeline, plan, options);
  const numbers = (plane: FloatPlane | undefined): number[] => [...(plane?.data ?? [])];
  return {
    plan,
    sci: numbers(plan.frame?.sci),
    dq: [...(plan.frame?.dq.data ?? [])],
    varPoisson: numbers(plan.frame?.varPoisson),
    varRnoise: numbers(plan.frame?.varRnoise),
    ramps: plan.ramps.map(({ sci }) => numbers(sci)),
    states: Object.fromEntries(outcomes.map(({ step, state }) => [step, state])),
  };
};
