import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { writeFile } from '@iris-drs/fits/node';
import { describe, expect, it } from 'vitest';
import { isReferencePixel } from '../src/detector.ts';
import { trueOutputOffsets } from '../src/outputs.ts';
import { pixelTruth } from '../src/pixeltruth.ts';
import { type RampSettings, simulateRamp, simulateRows } from '../src/ramp.ts';
import { astropyPresent, PYTHON } from './oracle.ts';
import { scratch } from './scratch.ts';
import { mean, quiet, rms, smallDetector, smallRamp } from './setup.ts';

const [ny, nx] = smallDetector.shape;
const size = ny * nx;
const bordered: RampSettings = { ...smallRamp, detector: { ...smallDetector, referencePixels: 4 } };
const pixels = Array.from({ length: size }, (_, i) => i);
const isReference = (i: number) => isReferencePixel(bordered.detector, i % nx, Math.floor(i / nx));
/** Reads less the bias of each pixel, DN. */
const aboveBias = (settings: RampSettings) => {
  const { bias } = pixelTruth(settings);
  return Float64Array.from(simulateRamp(settings), (value, n) => value - bias[n % size]!);
};

describe('reference pixels', () => {
  it('make a border of four that sees read noise but no light', () => {
    const reads = aboveBias({ ...bordered, scene: { ...smallRamp.scene, sky: 500 } });
    const last = reads.subarray(5 * size, 6 * size);
    const border = pixels.filter(isReference);
    expect(border).toHaveLength(size - (ny - 8) * (nx - 8));
    const values = border.map((i) => last[i]!);
    expect(Math.abs(mean(values))).toBeLessThan(4 * (4.5 / Math.sqrt(values.length)));
    expect(Math.abs(rms(values) / 4.55 - 1)).toBeLessThan(0.1);
    for (const i of pixels) if (!isReference(i)) expect(last[i]).toBeGreaterThan(1000);
    const { kind, slope } = pixelTruth(bordered);
    for (const i of pixels)
      expect([kind[i], slope[i] === 0]).toEqual(isReference(i) ? [4, true] : [0, false]);
  });

  it('leave the pixels within as they are without a border', () => {
    const [a, b] = [pixelTruth(bordered), pixelTruth(smallRamp)];
    for (const i of pixels)
      if (!isReference(i))
        expect([a.slope[i], a.bias[i], a.gain[i]]).toEqual([b.slope[i], b.bias[i], b.gain[i]]);
  });
});

describe('offsets of the outputs', () => {
  const settings = { ...quiet(bordered), effects: { outputs: { bias: 60, drift: 25, jitter: 10 } } };

  it('are the same for reference and science pixels of an output, and differ for odd and even columns', () => {
    const reads = aboveBias(settings);
    for (let plane = 0; plane < 12; plane++) {
      const seen = new Set<number>();
      for (let output = 0; output < 4; output++)
        for (const parity of [0, 1]) {
          const of = (reference: boolean) =>
            pixels
              .filter(
                (i) =>
                  Math.floor((i % nx) / 16) === output && i % 2 === parity && isReference(i) === reference,
              )
              .map((i) => reads[plane * size + i]!);
          expect(Math.abs(mean(of(true)) - mean(of(false)))).toBeLessThan(0.2); // rounding to whole DN
          const told = trueOutputOffsets(settings)![(plane * 4 + output) * 2 + parity]!;
          expect(Math.abs(mean(of(true)) - told)).toBeLessThan(0.2);
          seen.add(Math.round(told * 10));
        }
      expect(seen.size).toBeGreaterThan(5);
    }
  });

  it('walk from read to read by their drift', () => {
    const many = {
      ...settings,
      detector: { ...settings.detector, shape: [10, 128] as const, channels: 64, referencePixels: 0 },
    };
    const walk = { ...many, reads: 40, effects: { outputs: { drift: 25, parity: 0 } } };
    const reads = simulateRamp(walk);
    const steps: number[] = [];
    for (let plane = 1; plane < 40; plane++)
      for (let output = 0; output < 64; output++) {
        const at = (p: number) => reads[p * 1280 + output * 2]!;
        steps.push(at(plane) - at(plane - 1));
      }
    expect(Math.abs(mean(steps))).toBeLessThan(4 * (25 / Math.sqrt(steps.length)));
    expect(Math.abs(rms(steps) / 25 - 1)).toBeLessThan(4 / Math.sqrt(2 * steps.length));
  });
});

describe('reset noise', () => {
  it('is the same in all reads of a ramp and new in the next', () => {
    const settings = { ...quiet(smallRamp), effects: { resetNoise: 60 } };
    const reads = aboveBias(settings);
    const { gain } = pixelTruth(settings);
    const plane = (ramp: number, read: number) =>
      reads.subarray((ramp * 6 + read) * size, (ramp * 6 + read + 1) * size);
    expect(plane(0, 5)).toEqual(plane(0, 0));
    for (const ramp of [0, 1]) {
      const electrons = plane(ramp, 0).map((v, i) => v * gain[i]!);
      expect(Math.abs(rms(electrons) / 60 - 1)).toBeLessThan(4 / Math.sqrt(2 * size));
    }
    const product = plane(0, 0).map((v, i) => v * plane(1, 0)[i]!);
    expect(Math.abs(mean(product))).toBeLessThan(4 * (900 / Math.sqrt(size)));
  });
});

describe('1/f noise', () => {
  it('has the power law, the size and the common part that it should, by scipy', () => {
    if (!astropyPresent()) return;
    const detector = { ...smallDetector, shape: [128, 256] as const, channels: 4, bias: 20_000 };
    const settings = quiet({ ...smallRamp, detector, reads: 24, ramps: 1 });
    const noisy = { ...settings, effects: { flicker: { noise: 200, shared: 0.25 } } };
    const [on, off] = [simulateRamp(noisy), simulateRamp(settings)];
    const path = join(scratch(), 'flicker.fits');
    const data = Float32Array.from(on, (value, i) => value - off[i]!);
    writeFile(path, [{ kind: 'image', shape: [24, 128, 256], data }]);
    const found = JSON.parse(
      execFileSync(PYTHON, [join(import.meta.dirname, 'scipy_flicker.py'), path, '4'], { encoding: 'utf8' }),
    );
    expect(Math.abs(found.rms / 200 - 1)).toBeLessThan(0.1);
    expect(Math.abs(found.exponent + 1)).toBeLessThan(0.12);
    expect(Math.abs(found.correlation - 0.25)).toBeLessThan(0.1);
    expect(Math.abs(found.betweenReads)).toBeLessThan(0.15);
  });

  it('does not depend on the rows that are asked for', () => {
    const settings = { ...smallRamp, effects: { flicker: { noise: 20 } } };
    const whole = simulateRamp(settings);
    const band = simulateRows(settings, 30, 31);
    for (let plane = 0; plane < 12; plane++)
      expect(band.subarray(plane * nx, (plane + 1) * nx)).toEqual(
        whole.subarray(plane * size + 30 * nx, plane * size + 31 * nx),
      );
  });
});
