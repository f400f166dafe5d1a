import type { SamplingMethod } from '@iris-drs/kernels';
import type { DetectorSettings } from './telemetry.ts';

export type FitMethod = 'ols' | 'likely';

export interface MethodOptions {
  /** auto: what header or telemetry say, else utr. */
  readonly mode: string;
  readonly num_coadd: number;
}

/** `ols` or `likely`, where that was asked for. */
export const fitMethodOf = ({ mode }: Pick<MethodOptions, 'mode'>): FitMethod | undefined =>
  mode === 'ols' || mode === 'likely' ? mode : undefined;

/** Whether readoutsamp will make a weighted sum, for all that a step before it can know. */
export const willSum = (
  optionsOf: (step: string) => Readonly<Record<string, unknown>> | undefined,
): boolean => {
  const options = optionsOf('readoutsamp');
  return options !== undefined && fitMethodOf({ mode: String(options.mode) }) === undefined;
};

/** Why steps that matter to fits alone then do nothing. */
export const ONLY_FITS = 'a weighted sum (cds, mcds, utr) cannot leave out a read of one pixel';

/** The exposure's own method, a chosen one, or up-the-ramp, for a ramp of so many reads. */
export const sumMethodOf =
  ({ sampling }: DetectorSettings, options: MethodOptions) =>
  (reads: number): SamplingMethod => {
    const auto = options.mode === 'auto';
    const mode = auto ? (sampling?.method ?? 'utr') : options.mode;
    if (mode !== 'mcds') return { kind: mode === 'cds' ? 'cds' : 'utr' };
    const n = (auto ? sampling?.reads : undefined) ?? options.num_coadd;
    return { kind: 'mcds', n: Math.min(n, Math.floor(reads / 2)) };
  };

/**
 * Seconds over which iris_readout gives its DN: from first to last read, for mcds from the mean time of the first n to
 * that of the last n.
 */
export const compatSeconds = (method: SamplingMethod | FitMethod, times: readonly number[]): number => {
  const n = typeof method === 'object' && method.kind === 'mcds' ? method.n : 1;
  const mean = (part: readonly number[]): number => part.reduce((a, b) => a + b, 0) / part.length;
  return mean(times.slice(-n)) - mean(times.slice(0, n));
};
