import { join, resolve } from 'node:path';
import type { ObservationOptions } from '@iris-drs/simulator';
import { integerArg } from '../../args.ts';
import { usageError } from '../../errors.ts';
import { progressLine } from './progress.ts';

/** Flags that make the same detectors and references, with and without an observation. */
export const COMMON_FLAGS = {
  refs: { type: 'string' },
  size: { type: 'string' },
  detectors: { type: 'string' },
  reads: { type: 'string' },
  seed: { type: 'string' },
} as const;

export interface CommonFlags {
  readonly refs?: string | undefined;
  readonly size?: string | undefined;
  readonly detectors?: string | undefined;
  readonly reads?: string | undefined;
  readonly seed?: string | undefined;
}

export const requireFlag = (name: string, value: string | undefined, usage: string): string => {
  if (value) return resolve(value);
  throw usageError(`--${name} DIR is needed\nusage: drs ${usage}`);
};

export const refuseArguments = (positionals: readonly string[], usage: string): void => {
  if (positionals.length > 0) throw usageError(`unexpected '${positionals[0]}'\nusage: drs ${usage}`);
};

/** Options of the simulator from the common flags; what is left out has the simulator's default. */
export const commonOptions = (values: CommonFlags, data: string, refs: string): ObservationOptions => ({
  dir: data,
  refs,
  size: integerArg('size', values.size, 2048, 32, 8192),
  detectors: (values.detectors ?? 'IMG1').split(',').map((name) => name.trim()),
  reads: integerArg('reads', values.reads, 10, 2, 1000),
  seed: integerArg('seed', values.seed, 1, 0, Number.MAX_SAFE_INTEGER),
  onProgress: progressLine(process.stderr),
});

/** Where the mappings of a CRDS cache of the observatory stand. */
export const mappingsIn = (refs: string): string => join(refs, 'mappings', 'tmt');
