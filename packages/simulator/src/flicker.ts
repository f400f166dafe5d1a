import type { RampSettings } from './ramp.ts';
import { fillNormals, nextNormal, type RandomState, randomState } from './random.ts';

/** Part of the variance that all outputs have in common, unless the settings say. */
const SHARED = 0.5;

/**
 * 1/f noise of the outputs of one detector, all of which read a row at the same time.
 *
 * It is a sum over octaves of values that hold for 1, 2, 4 … pixels and then for 1, 2, 4 … rows, all of the same
 * variance (the method of Voss, Gardner 1978): the power falls as 1/f within about 1 dB from a pixel to a whole
 * read, and any row can be worked out by itself.
 */
export interface Flicker {
  /** Adds the noise of row `y` of one read, DN; rows of a read in ascending order are cheapest. */
  add(ramp: number, read: number, y: number, row: Float64Array): void;
}

export function flickerOf(settings: RampSettings): Flicker | undefined {
  const effect = settings.effects?.flicker;
  if (effect === undefined || effect.noise === 0) return undefined;
  const { detector, noise, reads } = settings;
  const { seed, channels, shape } = detector;
  const [ny, nx] = shape;
  const width = Math.ceil(nx / channels);
  const within = octaves(width);
  const across = octaves(ny);
  const shared = effect.shared ?? SHARED;
  const sigma = effect.noise / Math.sqrt(within + across);
  const scale = [sigma * Math.sqrt(1 - shared), sigma * Math.sqrt(shared)] as const;
  const held = new Map<number, Held>();
  const common = new Float64Array(width);
  const values = new Float64Array(channels + 1);

  /** Sum of the slow octaves of each output in row `y`, the common one last. */
  const slow = (ramp: number, read: number, y: number): Float64Array => {
    values.fill(0);
    for (let octave = 0; octave < across; octave++) {
      const block = Math.floor(y / 2 ** octave);
      const key = (ramp * reads + read) * across + octave;
      let kept = held.get(key);
      if (kept?.block !== block) {
        kept ??= { block, normals: new Float64Array(channels + 1) };
        kept.block = block;
        const random = randomState(seed, detector.detector, noise, 'flicker', ramp, read, octave, block);
        fillNormals(random, kept.normals);
        held.set(key, kept);
      }
      for (let i = 0; i <= channels; i++) values[i]! += kept.normals[i]!;
    }
    return values;
  };
  return {
    add(ramp, read, y, row) {
      const base = slow(ramp, read, y);
      const random = randomState(seed, detector.detector, noise, 'flicker', ramp, read, 'row', y);
      common.fill(scale[1] * base[channels]!);
      addOctaves(random, within, scale[1], common, 0, width);
      for (let output = 0; output < channels; output++) {
        const first = Math.ceil((output * nx) / channels);
        const last = Math.ceil(((output + 1) * nx) / channels);
        const level = scale[0] * base[output]!;
        for (let x = first; x < last; x++) row[x]! += level + common[x - first]!;
        addOctaves(random, within, scale[0], row, first, last);
      }
    },
  };
}

interface Held {
  block: number;
  readonly normals: Float64Array;
}

/** Number of times that 1 doubles before it reaches `length`; the whole length is the slower octaves' part. */
const octaves = (length: number): number => Math.max(1, Math.ceil(Math.log2(length)));

/** Adds noise that holds for 1, 2, 4 … pixels from `first` on. */
function addOctaves(
  random: RandomState,
  count: number,
  scale: number,
  out: Float64Array,
  first: number,
  last: number,
): void {
  for (let octave = 0; octave < count; octave++) {
    const block = 2 ** octave;
    for (let x = first; x < last; x += block) {
      const value = scale * nextNormal(random);
      const end = Math.min(x + block, last);
      for (let i = x; i < end; i++) out[i]! += value;
    }
  }
}
