import { usageError } from '../errors.ts';
import { simulateFrames } from './sim/observation.ts';
import { makeReferences } from './sim/references.ts';

export const usage =
  'sim observation --data DIR --refs DIR [--size N] [--detectors IMG1,IMG2] [--science N] [--sky N] [--reads N] ' +
  '[--ramps N] [--seed S] [--observation ID] [--first N] [--events FILE] [--truth DIR] | ' +
  'sim references --refs DIR [--size N] [--detectors IMG1,IMG2] [--reads N] [--seed S]';
export const summary =
  'simulate a dithered imager observation: ramps, references with their CRDS cache, truth, and the events ' +
  'that publish takes; or the references alone';

export const run = ([what, ...args]: readonly string[]): Promise<number> => {
  if (what === 'observation') return simulateFrames(args, usage);
  if (what === 'references') return makeReferences(args, usage);
  const found = what === undefined ? 'what to simulate is missing' : `no 'sim ${what}'`;
  throw usageError(`${found}; expected observation or references\nusage: drs ${usage}`);
};
