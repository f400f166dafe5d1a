import type { Engine } from '@iris-drs/kernels';
import type { Case, Contender } from './compare.ts';
import { type Exposure, GAIN, READ_NOISE } from './ramp.ts';

/** What the cases of one exposure share. */
export interface Scene {
  readonly engine: Engine;
  readonly from: Exposure;
  /** The same in a file system that is memory, where there is one with room. */
  readonly inMemory: Exposure | undefined;
  readonly beside: readonly [reading: Contender, copying: Contender];
  readonly runs: number;
}

export const noise = { gain: GAIN, readNoise: READ_NOISE };

/** With the memory that it took at its most: the planes given, the result and what the work needed. */
export const one = (
  { engine }: Scene,
  contender: Contender,
  samples: number,
  targets: Partial<Case> = {},
): Case => {
  let peak = 0;
  return {
    name: contender.name,
    async run() {
      engine.pool.resetPeak();
      const taken = await contender.run();
      peak = engine.pool.peakBytes;
      return taken;
    },
    ...{ samples, perCore: true, peakBytes: () => peak },
    ...targets,
  };
};

export const label = (scene: Scene, what: string, from: Exposure): string => {
  const place = from === scene.from ? 'file' : 'file in memory';
  return `${what}, ${from.shape[0]}² × ${from.reads.length}, ${place}, ${scene.engine.threads} threads`;
};

/** Fits and one-pass sums take seconds at full size; their medians are over no more than this. */
export const MOST_RUNS = 3;
