import type { RampSettings } from './ramp.ts';
import { nextNormal, randomState } from './random.ts';

/** Offset of an output in each read, DN: `[ramps, reads, outputs, 2]`, the last axis even and odd columns. */
export type OutputOffsets = Float64Array;

/** Part of the offsets by which odd and even columns differ, unless the settings say. */
const PARITY = 0.3;

/**
 * Offsets of the outputs: what the reset left, a random walk from read to read, and a part of each read's own.
 * Odd and even columns share most of it.
 *
 * @returns  undefined where the settings have no such effect
 */
export function trueOutputOffsets(settings: RampSettings): OutputOffsets | undefined {
  const effect = settings.effects?.outputs;
  if (effect === undefined) return undefined;
  const { bias = 0, drift = 0, jitter = 0, parity = PARITY } = effect;
  const { detector, ramps, reads, noise } = settings;
  const { channels, seed } = detector;
  const offsets = new Float64Array(ramps * reads * channels * 2);
  for (let ramp = 0; ramp < ramps; ramp++) {
    const random = randomState(seed, detector.detector, noise, 'outputs', ramp);
    const draw = (): [number, number] => {
      const [common, apart] = [nextNormal(random), parity * nextNormal(random)];
      return [common + apart, common - apart];
    };
    const walk = new Float64Array(2 * channels);
    for (let output = 0; output < channels; output++) addPair(walk, output, bias, draw());
    for (let read = 0; read < reads; read++) {
      const start = (ramp * reads + read) * channels * 2;
      const row = offsets.subarray(start, start + 2 * channels);
      for (let output = 0; output < channels; output++) {
        const [step, own] = [draw(), draw()];
        if (read > 0) addPair(walk, output, drift, step);
        addPair(row, output, 1, [walk[2 * output]!, walk[2 * output + 1]!]);
        addPair(row, output, jitter, own);
      }
    }
  }
  return offsets;
}

function addPair(
  out: Float64Array,
  output: number,
  scale: number,
  [even, odd]: readonly [number, number],
): void {
  out[2 * output]! += scale * even;
  out[2 * output + 1]! += scale * odd;
}

/** Adds the offsets of one read (an index `ramp · reads + read`) to a row. */
export function addOutputOffsets(
  offsets: OutputOffsets,
  index: number,
  channels: number,
  row: Float64Array,
): void {
  const width = row.length / channels;
  for (let x = 0; x < row.length; x++)
    row[x]! += offsets[(index * channels + Math.floor(x / width)) * 2 + (x & 1)]!;
}
