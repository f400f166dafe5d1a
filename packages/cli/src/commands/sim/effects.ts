import type { ObservationEffects, ObservationOptions, Rectangle } from '@iris-drs/simulator';
import { integerArg, numberArg } from '../../args.ts';
import { usageError } from '../../errors.ts';

/** What belongs to a detector, so that its references know of it. */
export const DETECTOR_FLAGS = {
  'reference-pixels': { type: 'string' },
  outputs: { type: 'string' },
  settling: { type: 'string' },
} as const;

/** What a detector does in an exposure besides counting photons. */
export const EFFECT_FLAGS = {
  'reset-noise': { type: 'string' },
  'output-bias': { type: 'string' },
  'output-drift': { type: 'string' },
  'output-jitter': { type: 'string' },
  flicker: { type: 'string' },
  'cosmic-rays': { type: 'string' },
  snowballs: { type: 'string' },
  showers: { type: 'string' },
  persistence: { type: 'string' },
  seeing: { type: 'string' },
  'guide-windows': { type: 'string' },
} as const;

export const DETECTOR_USAGE = '[--reference-pixels N] [--outputs N] [--settling E,S]';
export const EFFECT_USAGE =
  '[--reset-noise E] [--output-bias DN] [--output-drift DN] [--output-jitter DN] [--flicker DN] [--cosmic-rays RATE] ' +
  '[--snowballs RATE] [--showers RATE] [--persistence F,S] [--seeing SCATTER] [--guide-windows X,Y,NX,NY;…]';

type Flag = keyof typeof DETECTOR_FLAGS | keyof typeof EFFECT_FLAGS;
type Values = Partial<Record<Flag, string | undefined>>;

const MOST = 1e9;

/** An amount that was named; nothing otherwise. */
const amount = <T>(values: Values, flag: Flag, make: (value: number) => T): T | undefined =>
  values[flag] === undefined ? undefined : make(numberArg(flag, values[flag], 0, 0, MOST));

/** Two numbers, as in `0.01,300`. */
const pair = <T>(values: Values, flag: Flag, make: (amount: number, seconds: number) => T): T | undefined => {
  const text = values[flag];
  if (text === undefined) return undefined;
  const [first, second, ...more] = text.split(',');
  if (second === undefined || more.length > 0)
    throw usageError(`--${flag} ${text}: expected two numbers, an amount and seconds, as in 0.01,300`);
  return make(numberArg(flag, first, 0, 0, MOST), numberArg(flag, second, 0, 0, MOST));
};

const windowsOf = (text: string): Rectangle[] =>
  text.split(';').map((part) => {
    const numbers = part.split(',').map(Number);
    const [x, y, nx, ny] = numbers;
    if (numbers.length !== 4 || !numbers.every((n) => Number.isInteger(n) && n > 0))
      throw usageError(`--guide-windows ${text}: expected x,y,nx,ny in pixels from 1, joined by semicolons`);
    return { x: x! - 1, y: y! - 1, nx: nx!, ny: ny! };
  });

const present = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

/** Settings of the detector and of what it does, from flags; without any nothing is done. */
export const effectOptions = (
  values: Values,
): Pick<ObservationOptions, 'detector' | 'effects' | 'calibration'> => {
  const detector = present({
    referencePixels:
      values['reference-pixels'] === undefined
        ? undefined
        : integerArg('reference-pixels', values['reference-pixels'], 4, 0, 64),
    channels: values.outputs === undefined ? undefined : integerArg('outputs', values.outputs, 64, 1, 64),
  });
  const outputs = present({
    bias: amount(values, 'output-bias', (dn) => dn),
    drift: amount(values, 'output-drift', (dn) => dn),
    jitter: amount(values, 'output-jitter', (dn) => dn),
  });
  const effects: ObservationEffects = present({
    resetNoise: amount(values, 'reset-noise', (electrons) => electrons),
    outputs: Object.keys(outputs).length > 0 ? outputs : undefined,
    flicker: amount(values, 'flicker', (noise) => ({ noise })),
    cosmicRays: amount(values, 'cosmic-rays', (rate) => ({ rate })),
    snowballs: amount(values, 'snowballs', (rate) => ({ rate })),
    showers: amount(values, 'showers', (rate) => ({ rate })),
    persistence: pair(values, 'persistence', (fraction, seconds) => ({ fraction, seconds })),
    settling: pair(values, 'settling', (electrons, seconds) => ({ electrons, seconds })),
    seeing: amount(values, 'seeing', (scatter) => ({ scatter })),
    guideWindows:
      values['guide-windows'] === undefined ? undefined : { windows: windowsOf(values['guide-windows']) },
  });
  return {
    ...(Object.keys(detector).length > 0 ? { detector } : {}),
    ...(Object.keys(effects).length > 0 ? { effects } : {}),
    // What settles after a reset is in a dark taken as a ramp only.
    ...(effects.settling ? { calibration: { rampDark: true } } : {}),
  };
};
