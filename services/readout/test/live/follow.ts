import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  createPermits,
  openVolume,
  runPipeline,
  type StageContext,
  silentLog,
  type Workbench,
} from '@iris-drs/bus';
import { openRamp } from '@iris-drs/datamodels';
import { Header } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import { taskOf } from '../../../../test/fixtures/stages.ts';
import { type Cards, image, type openWorkbench, primary } from '../../../../test/fixtures/workbench.ts';
import { planOf, type ReadoutPlan, readoutPipeline } from '../../src/index.ts';
import { openLive } from '../../src/live/live.ts';
import { closePlan } from '../../src/plan.ts';

/** Rows and columns; the outermost two rows are reference pixels. */
export const SHAPE = [24, 64] as const;
const [NY, NX] = SHAPE;
const PIXELS = NY * NX;
const BORDER = 2;

/** A number that looks random, 0 to 1. */
const noise = (i: number): number => {
  const hash = Math.sin(i * 12.9898 + 1) * 43758.5453;
  return hash - Math.floor(hash);
};

const isBorder = (i: number): boolean => i < BORDER * NX || i >= (NY - BORDER) * NX;
/** DN of pixel i: bias with outputs that drift, and a signal; some saturate. */
const pixel = (i: number, read: number, ramp: number): number => {
  const output = Math.floor((i % NX) / 16);
  const level = 4000 + 300 * noise(i) + 40 * Math.sin(read + 3 * output + ramp);
  const signal = isBorder(i) ? 0 : (20 + (i % 97) * 40) * (read + 1) * (1 + 0.1 * ramp);
  return Math.min(65_535, Math.round(level + signal + 20 * noise(i + 7919 * (read + 31 * ramp))));
};

export interface Reads {
  readonly reads?: number;
  readonly ramps?: number;
  readonly cards?: Cards;
}

type Bench = ReturnType<typeof openWorkbench>;

/** Writes a read, uint16, as a controller does; its path. */
export const writeRead = (bench: Bench, ramp: number, read: number, cards: Cards = {}, add = 0): string => {
  const path = bench.path(`reads_0000${ramp}_${String(read).padStart(5, '0')}_uncal.fits`);
  const reset = 5.2e15 + ramp * 60e6;
  const header = Header.from(
    Object.entries({
      ...{ DETECTOR: 'IMG1', RAMP_NO: ramp, READ_NO: read, NREADS: 6, NINTS: 1, GAIN: 2, RDNOISE: 6 },
      ...{ RST_TIME: reset, READTIME: reset + (read + 1) * 720_000, NOUTPUTS: 4, BUNIT: 'DN' },
      ...cards,
    }),
  );
  const data = Uint16Array.from({ length: PIXELS }, (_, i) => Math.min(65_535, pixel(i, read, ramp) + add));
  writeFile(path, [{ kind: 'image', header, shape: SHAPE, data }]);
  return path;
};

/** Overrides for every correction: bias, saturation, mask, non-linearity, ramp dark of so many reads. */
export const references = (bench: Bench, reads = 6): Record<string, string> => {
  const files = {
    'superbias.override_superbias': bench.write(
      'bias.fits',
      primary(),
      image('SCI', SHAPE, (i) => 4000 + 300 * noise(i), { BUNIT: 'DN' }),
    ),
    'saturation.override_saturation': bench.write(
      'sat.fits',
      primary(),
      image('SCI', SHAPE, (i) => 22_000 + (i % 7), { BUNIT: 'DN' }),
    ),
    'refpix.override_mask': bench.write(
      'mask.fits',
      primary(),
      // REFERENCE_PIXEL
      image(
        'DQ',
        SHAPE,
        Uint32Array.from({ length: PIXELS }, (_, i) => (isBorder(i) ? 2 ** 31 : 0)),
      ),
    ),
    'nonlincorr.override_nonlincoeff': bench.write(
      'nonlin.fits',
      primary(),
      image('COEFFS', [3, ...SHAPE], (k) => [0.01, 3e-7, 1e-12][Math.floor(k / PIXELS)]! * (1 + noise(k))),
    ),
    'rampdark.override_rampdark': bench.write(
      'rampdark.fits',
      primary({ TGROUP: 0.72 }),
      image('SCI', [reads, ...SHAPE], (k) => 5 * noise(k % PIXELS) * (1 + Math.floor(k / PIXELS)) ** 0.5, {
        BUNIT: 'DN',
      }),
    ),
  };
  return files;
};

const contextOf = (bench: Bench, said: string[]): StageContext => {
  const root = bench.path('.');
  mkdirSync(join(root, '.drs'), { recursive: true });
  const say = (fields: object | string, text?: string): void => {
    const { error = '' } = typeof fields === 'string' ? {} : (fields as { error?: string });
    said.push(`${typeof fields === 'string' ? fields : text} ${error}`.trim());
  };
  return {
    volume: openVolume(root),
    references: bench.references(),
    log: { ...silentLog, info: say },
    traceId: '',
    signal: new AbortController().signal,
    connection: undefined,
    step: async (_name, work) => work({ skipped() {}, set() {} }),
  };
};

export interface Reduced {
  readonly plan: ReadoutPlan;
  readonly planes: Readonly<Record<'sci' | 'varPoisson' | 'varRnoise' | 'dq', readonly number[]>>;
}

const numbersOf = (plan: ReadoutPlan): Reduced['planes'] => {
  const { sci, varPoisson, varRnoise, dq } = plan.frame!;
  return {
    ...{ sci: [...sci.data], varPoisson: [...varPoisson.data] },
    ...{ varRnoise: [...varRnoise.data], dq: [...dq.data] },
  };
};

export interface Course {
  readonly options?: Record<string, string>;
  /** Reads in the order in which they are told of. */
  readonly heard: readonly string[];
  /** Those of the whole exposure; what was heard unless given. */
  readonly all?: readonly string[];
  /** Options at the end, where they are others. */
  readonly atEnd?: Record<string, string>;
  /** Called when what was heard has been taken in, before the end. */
  before?(): void;
  /** The room is needed when what was heard is being taken in. */
  readonly shed?: boolean;
  /** Another ramp has the turn to hold sums. */
  readonly busy?: 'a while' | 'all the time';
  readonly engine?: Workbench['engine'];
}

/** Reduces a ramp that is followed, and the same one at its end alone. */
export const follow = async (
  bench: Bench,
  { options = {}, heard, all = heard, atEnd = options, before, shed, busy, engine = bench.engine }: Course,
): Promise<{ live: Reduced; replayed: Reduced; said: readonly string[]; summed: boolean }> => {
  const said: string[] = [];
  const context = contextOf(bench, said);
  const workbench: Workbench = { engine, cache: bench.cache, close: async () => {} };
  const task = taskOf('readout', [], { options });
  const turns = createPermits(1);
  const taken = busy ? await turns.acquire(new AbortController().signal) : undefined;
  const live = openLive(heard[0]!, task, context, workbench, { label: () => {}, scan: () => all, turns });
  const reduced = async (plan: ReadoutPlan): Promise<Reduced> => {
    try {
      await runPipeline(readoutPipeline, plan, { ...task, options: atEnd }, context, workbench);
      return { plan, planes: numbersOf(plan) };
    } finally {
      closePlan(plan);
    }
  };
  try {
    for (const path of heard) {
      live.read(path);
      // As reads come one by one.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (shed) await live.shed();
    if (busy === 'a while') taken?.();
    if (before) {
      // Nothing tells when the reads have been taken in; the end asks for it.
      await live.finish([]);
      before();
    } else await live.finish(all);
    const summed = live.plan.accumulated !== undefined;
    const paths = [...all].sort();
    const first = await reduced(planOf(await openRamp(paths, { detector: 'IMG1' }, live.known), live.plan));
    const again = await reduced(planOf(await openRamp(paths)));
    return { live: first, replayed: again, said, summed };
  } finally {
    await live.close();
  }
};
