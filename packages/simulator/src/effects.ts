import { invalidSetting } from './errors.ts';
import type { Rectangle } from './frame.ts';
import type { HitSettings } from './hits.ts';
import type { LightSettings } from './light.ts';

/**
 * What a detector does besides counting photons. Each effect is off unless it is named, draws its random numbers
 * from streams of its own, and so leaves all other numbers as they are: two exposures that differ in an effect
 * differ by that effect alone.
 */
export interface Effects extends HitSettings, LightSettings {
  /** kTC noise: charge left by a reset, e- rms, new in each ramp. Charge, so non-linearity acts on it too. */
  readonly resetNoise?: number;
  /** Electronic offsets of each output, the same in its reference and science pixels. */
  readonly outputs?: OutputEffects;
  /** 1/f noise along the readout of each output. */
  readonly flicker?: FlickerEffect;
  /**
   * Windows on the detector that guide: they are reset and read many times in a read, so that a read holds there
   * only what came in within `seconds`.
   */
  readonly guideWindows?: { readonly windows: readonly Rectangle[]; readonly seconds?: number };
}

/** Amounts in DN rms. */
export interface OutputEffects {
  /** Offset that a reset leaves, the same in all reads of a ramp. */
  readonly bias?: number;
  /** Step of the random walk from read to read. */
  readonly drift?: number;
  /** Of each read by itself. */
  readonly jitter?: number;
  /** Part of these amounts by which odd and even columns go their own ways, 0.3. */
  readonly parity?: number;
  /** Seconds by which each output reads later than the one before: its first interval is longer. */
  readonly delaySeconds?: number;
}

export interface FlickerEffect {
  /** DN rms over a read. */
  readonly noise: number;
  /** Part of the variance that all outputs have in common, 0.5. */
  readonly shared?: number;
}

/** Seconds that a guide window collects before it is reset, unless the settings say. */
export const GUIDE_SECONDS = 0.01;

/** @throws SimulatorError InvalidSetting when an amount is negative or no number */
export function checkEffects(effects: Effects): void {
  const amounts: Readonly<Record<string, number | undefined>> = {
    resetNoise: effects.resetNoise,
    'outputs.bias': effects.outputs?.bias,
    'outputs.drift': effects.outputs?.drift,
    'outputs.jitter': effects.outputs?.jitter,
    'outputs.parity': effects.outputs?.parity,
    'outputs.delaySeconds': effects.outputs?.delaySeconds,
    'flicker.noise': effects.flicker?.noise,
    'flicker.shared': effects.flicker?.shared,
    'cosmicRays.rate': effects.cosmicRays?.rate,
    'snowballs.rate': effects.snowballs?.rate,
    'showers.rate': effects.showers?.rate,
    'persistence.fraction': effects.persistence?.fraction,
    'settling.electrons': effects.settling?.electrons,
    'guideWindows.seconds': effects.guideWindows?.seconds,
  };
  for (const [name, amount] of Object.entries(amounts))
    if (amount !== undefined && !(amount >= 0 && amount < Infinity))
      throw invalidSetting(`effects.${name}`, amount, 'a number from 0 up');
  if ((effects.flicker?.shared ?? 0) > 1)
    throw invalidSetting('effects.flicker.shared', effects.flicker?.shared, 'a fraction from 0 to 1');
}
