import { usageError } from '../errors.ts';
import { DETECTOR_USAGE, EFFECT_USAGE } from './sim/effects.ts';
import { simulateFrames } from './sim/observation.ts';
import { makeReferences } from './sim/references.ts';
import { makeSeedExample } from './sim/seed-example.ts';

export const usage =
  'sim observation --data DIR --refs DIR [--size N] [--detectors IMG1,IMG2] [--science N] [--sky N] [--reads N] ' +
  `[--ramps N] [--seed S] [--observation ID] [--first N] [--events FILE] [--truth DIR] ${DETECTOR_USAGE} ${EFFECT_USAGE} | ` +
  `sim references --refs DIR [--size N] [--detectors IMG1,IMG2] [--reads N] [--seed S] ${DETECTOR_USAGE} | ` +
  'sim seed-example [DIR] [--size N] [--seed S] [--darks N]';
export const summary =
  'simulate a dithered imager observation: ramps, references with their CRDS cache, truth, and the events ' +
  'that publish takes; or the references alone; or the inputs of the example of iris_pipeline 0.2.0 for run. Of effects E are electrons, S seconds, F a fraction, RATE events ' +
  'per pixel and second (one per cm² and second is 1e-6); hits, windows and seeing are told in the truth files';

export const run = ([what, ...args]: readonly string[]): Promise<number> => {
  if (what === 'observation') return simulateFrames(args, usage);
  if (what === 'references') return makeReferences(args, usage);
  if (what === 'seed-example') return makeSeedExample(args, usage);
  const found = what === undefined ? 'what to simulate is missing' : `no 'sim ${what}'`;
  throw usageError(`${found}; expected observation, references or seed-example\nusage: drs ${usage}`);
};
